"""What the Python of a container is started with, as its ``-c``: reads the modules that are sent in, and begins.

Written so that every Python can read it: an old one is to say what it is, not to fail on the syntax.
"""

import sys

if sys.version_info < (3, 9) or sys.implementation.name != "cpython":
    name = getattr(getattr(sys, "implementation", None), "name", "cpython")
    version = ".".join(map(str, sys.version_info[:3]))
    sys.stderr.write("it is %s %s, but CPython 3.9 or newer is needed\n" % (name, version))
    sys.exit(1)

# The working folder, where others may put what we import.
sys.path[:] = [folder for folder in sys.path if folder]

import marshal  # noqa: E402
import os  # noqa: E402


def read(size):
    data = b""
    while len(data) < size:
        piece = os.read(0, size - len(data))
        if not piece:
            # The host is gone.
            os._exit(0)
        data += piece
    return data


modules, compiled = marshal.loads(read(int.from_bytes(read(4), "big")))
_, filename, source = modules["container_init.modules"]
namespace = {"__name__": "container_init.modules"}
exec(compile(source, filename, "exec"), namespace)
namespace["begin"](modules, compiled)
