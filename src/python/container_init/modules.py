"""Modules that were sent in: nothing of ours lies on the container's disk."""

import marshal
import sys
from _frozen_importlib import ModuleSpec
from _frozen_importlib_external import MAGIC_NUMBER


class SentModules:
    """Finds and loads them. ``modules`` are by name: whether it is a package, a file name, and the source."""

    def __init__(self, modules, compiled):
        self._modules = modules
        self._compiled = compiled

    def find_spec(self, name, path=None, target=None):
        if name not in self._modules:
            return None
        is_package, filename, _ = self._modules[name]
        spec = ModuleSpec(name, self, origin=filename, is_package=is_package)
        spec.has_location = True
        return spec

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        exec(self.get_code(module.__name__), module.__dict__)

    def get_code(self, name):
        return marshal.loads(self._compiled[name])

    def get_source(self, name):
        """For tracebacks and whoever looks at sources."""
        return self._modules[name][2]

    def get_filename(self, name):
        return self._modules[name][1]

    def is_package(self, name):
        return self._modules[name][0]


def begin(modules, compiled):
    """Serve the host. ``compiled`` is what :func:`_compile` made in an earlier container of the image, or empty."""
    is_known = compiled[: len(MAGIC_NUMBER)] == MAGIC_NUMBER
    if not is_known:
        compiled = _compile(modules)
    codes = marshal.loads(compiled[len(MAGIC_NUMBER) :])
    # Before the finders of files: no package of the image takes the place of ours.
    sys.meta_path.insert(0, SentModules(modules, codes))
    from container_init.main import Init

    Init(None if is_known else compiled).serve()


def _compile(modules):
    codes = {
        name: marshal.dumps(compile(source, filename, "exec", dont_inherit=True))
        for name, (_, filename, source) in modules.items()
    }
    return MAGIC_NUMBER + marshal.dumps(codes)
