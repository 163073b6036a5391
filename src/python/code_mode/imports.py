"""Acting on a module when it is there, without importing it for that."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any, Callable


def when_imported(name: str, action: Callable[[ModuleType], None]) -> None:
    """Call ``action(module)`` as soon as the top-level module ``name`` has been imported: now, or later."""
    module = sys.modules.get(name)
    if module is not None:
        action(module)
        return
    for finder in sys.meta_path:
        if isinstance(finder, _Watcher):
            break
    else:
        finder = _Watcher()
        sys.meta_path.insert(0, finder)
    finder.actions[name] = action


class _Watcher:
    """Finds nothing by itself; wraps the loaders of the modules that are waited for."""

    def __init__(self) -> None:
        self.actions: dict[str, Callable[[ModuleType], None]] = {}

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        if name not in self.actions:
            return None
        for finder in sys.meta_path:
            spec = None if finder is self else finder.find_spec(name, path, target)
            if spec is not None:
                if spec.loader is not None:
                    spec.loader = _Loader(spec.loader, name, self.actions)
                return spec
        return None


class _Loader:
    """The module's own loader, and one action after it."""

    def __init__(self, loader: Any, name: str, actions: dict[str, Callable[[ModuleType], None]]) -> None:
        self._loader = loader
        self._name = name
        self._actions = actions

    def __getattr__(self, name: str) -> Any:
        # For whoever looks for a module without importing it.
        return getattr(self._loader, name)

    def create_module(self, spec: Any) -> Any:
        return self._loader.create_module(spec)

    def exec_module(self, module: Any) -> None:
        # From here on the module is as it would be without us: source look-ups ask its loader.
        module.__loader__ = module.__spec__.loader = self._loader
        self._loader.exec_module(module)
        action = self._actions.get(self._name)
        if action is not None:
            action(module)
            # Only now: an import that is interrupted is made again.
            self._actions.pop(self._name, None)
