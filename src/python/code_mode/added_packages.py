"""Packages in a folder of their own that may come into being while Python runs."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Optional

# Absolute path of a virtual environment whose packages go before those of this Python; None: there is none.
_folder: Optional[str] = None


def site_packages(folder: str) -> str:
    """Where a virtual environment of this Python has its packages."""
    threads = "t" if "t" in sys.abiflags else ""
    return "%s/lib/python%d.%d%s/site-packages" % (folder, *sys.version_info[:2], threads)


def use(folder: str) -> None:
    """Have this Python see the packages of the virtual environment ``folder``, from when on it is there."""
    global _folder
    _folder = folder
    look_again()


def look_again() -> None:
    """See the packages of a folder that is there only now. Doing so again changes nothing."""
    if _folder is None or sys.prefix == _folder or not os.path.isfile(_folder + "/pyvenv.cfg"):
        return
    import site

    before = list(sys.path)
    site.addsitedir(site_packages(_folder))
    added = [place for place in sys.path if place not in before]
    first = next((at for at, place in enumerate(before) if _is_site(place)), len(before))
    sys.path[:] = before[:first] + added + before[first:]
    sys.prefix = sys.exec_prefix = os.environ["VIRTUAL_ENV"] = _folder
    sys.executable = _folder + "/bin/python"
    os.environ["PATH"] = os.pathsep.join(filter(None, [_folder + "/bin", os.environ.get("PATH", os.defpath)]))


def _is_site(place: str) -> bool:
    return place.rstrip("/").endswith(("/site-packages", "/dist-packages"))
