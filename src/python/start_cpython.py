"""What a CPython is started with: checks that it can be used, then serves the host.

Written so that every Python can read it: an old one is to say what it is, not to fail on the syntax.
"""

import sys

if sys.version_info < (3, 9) or sys.implementation.name != "cpython":
    name = getattr(getattr(sys, "implementation", None), "name", "cpython")
    version = ".".join(map(str, sys.version_info[:3]))
    sys.stderr.write("it is %s %s, but CPython 3.9 or newer is needed\n" % (name, version))
    sys.exit(1)

configuration = sys.argv[1]
from code_mode.cpython_platform import main  # noqa: E402

# That was this folder; code finds what lies in its working folder instead.
sys.path[0] = ""
sys.argv[:] = [""]
main(configuration)
