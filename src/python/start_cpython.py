"""What a CPython is started with: checks that it can be used, then serves the host.

Written so that every Python can read it: an old one is to say what it is, not to fail on the syntax.
"""

import os
import sys

if sys.version_info < (3, 9) or sys.implementation.name != "cpython":
    name = getattr(getattr(sys, "implementation", None), "name", "cpython")
    version = ".".join(map(str, sys.version_info[:3]))
    sys.stderr.write("it is %s %s, but CPython 3.9 or newer is needed\n" % (name, version))
    sys.exit(1)

script, configuration = sys.argv
if not getattr(sys.flags, "safe_path", False):
    del sys.path[0]
sys.path.insert(0, os.path.dirname(script))
from code_mode.cpython_platform import main  # noqa: E402

if getattr(sys.flags, "safe_path", False):
    del sys.path[0]
else:
    # Code finds what lies in its working folder, in place of this one.
    sys.path[0] = ""
sys.argv[:] = [""]
main(configuration)
