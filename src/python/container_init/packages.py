"""The packages of a container's Python: what there is of them, and how pip changes them, all or nothing."""

from __future__ import annotations

import os
import sys

from code_mode.added_packages import site_packages

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterator, Optional

# What Python sees. While packages are changed, it is the new generation.
ENVIRONMENT = "/opt/code-mode/environment"
# Where the volume is while packages are changed: `environment` in it leads to a folder of `generations`.
_VOLUME = "/opt/code-mode-volume"
_GENERATIONS = _VOLUME + "/generations"
# Characters of a description that name a package, its version and what it needs; the text for people follows.
_HEADERS = 65_536


def look(_request: Any) -> dict[str, Any]:
    """What is installed, and what says which files can be."""
    import platform

    library, version = platform.libc_ver()
    return {
        "python": platform.python_version(),
        "machine": platform.machine(),
        "glibc": version if library == "glibc" else None,
        "freeThreaded": "t" in sys.abiflags,
        "pip": _pip_version(),
        "folders": [list(_distributions(folder)) for folder in _folders()],
    }


def change(request: Any) -> dict[str, Any]:
    """Run pip on a copy of the environment, which takes the place of it where all went well.

    ``request`` has pip's ``arguments``, its ``variables``, ``files`` by their absolute paths, and the normalised names
    that are to be ``gone`` afterwards. What pip prints is printed.
    """
    import fcntl

    if not os.access(_VOLUME, os.W_OK):
        return {"problem": "unwritable"}
    try:
        with open(_VOLUME + "/lock", "a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                print("Waiting for another session that changes these packages", flush=True)
                fcntl.flock(lock, fcntl.LOCK_EX)
            return _change_alone(request)
    except OSError as error:
        # Such as a full disk, which pip would put the same way.
        print("ERROR: %s" % error, flush=True)
        return {"problem": None, "code": 1, "left": []}


def _change_alone(request: Any) -> dict[str, Any]:
    import subprocess

    new = _new_generation()
    # In a container that changes packages, this is a folder in memory.
    os.symlink(new, ENVIRONMENT)
    if not os.path.exists(ENVIRONMENT + "/pyvenv.cfg"):
        _make_environment()
    pip = _pip_command()
    if pip is None:
        return {"problem": "no-pip"}
    for file, text in request["files"].items():
        os.makedirs(os.path.dirname(file), exist_ok=True)
        with open(file, "w", encoding="utf-8") as stream:
            stream.write(text)
    # What is unpacked and built may be larger than the memory that `/tmp` is.
    scratch = new + ".tmp"
    os.mkdir(scratch)
    # Without what the image tells of another place, or another way to the network.
    variables = {name: value for name, value in os.environ.items() if not _is_misleading(name)}
    variables.update(request["variables"], TMPDIR=scratch)
    before = _own_names()
    code = subprocess.call([*pip, *request["arguments"]], env=variables, cwd="/tmp", stderr=1, stdin=subprocess.DEVNULL)
    _remove(scratch)
    names = _own_names()
    left = [name for name in request["gone"] if name in names or name not in before]
    if code == 0 and not left:
        link = new + ".link"
        os.symlink("generations/" + os.path.basename(new), link)
        os.replace(link, _VOLUME + "/environment")
    return {"problem": None, "code": code, "left": left}


def _is_misleading(name: str) -> bool:
    return name.startswith(("PIP_", "PYTHON", "VIRTUAL_ENV")) or name.lower().endswith("_proxy")


def _new_generation() -> str:
    """A copy of the present one, or an empty folder. What earlier changes have left is removed."""
    import secrets
    import shutil

    present = os.path.realpath(_VOLUME + "/environment")
    os.makedirs(_GENERATIONS, exist_ok=True)
    for name in os.listdir(_GENERATIONS):
        if os.path.join(_GENERATIONS, name) != present:
            _remove(os.path.join(_GENERATIONS, name))
    new = os.path.join(_GENERATIONS, secrets.token_hex(8))
    if os.path.isdir(present):
        shutil.copytree(present, new, symlinks=True, copy_function=_link)
    else:
        os.mkdir(new)
    return new


def _link(source: str, target: str) -> None:
    """Installers replace files rather than change them, but for lists of folders."""
    import shutil

    if not source.endswith((".pth", ".cfg")):
        try:
            os.link(source, target)
            return
        except OSError:
            # Of another user, or linked too often.
            pass
    shutil.copy2(source, target)


def _make_environment() -> None:
    import venv

    # It makes none at a symbolic link.
    place = os.path.realpath(ENVIRONMENT)
    venv.EnvBuilder(system_site_packages=True, symlinks=True, with_pip=False).create(place)


def _remove(path: str) -> None:
    import shutil

    if os.path.islink(path):
        os.unlink(path)
    else:
        shutil.rmtree(path, ignore_errors=True)


def _pip_command() -> Optional[list[str]]:
    """The image's own pip, else that which its standard library brings along."""
    import subprocess
    from importlib.util import find_spec

    python = ENVIRONMENT + "/bin/python"
    if subprocess.call([python, "-I", "-c", "import pip"], stderr=subprocess.DEVNULL) == 0:
        return [python, "-I", "-m", "pip"]
    if find_spec("pip") is not None:
        return [sys.executable, "-I", "-m", "pip", "--python", python]
    bundled = _bundled_pip()
    return None if bundled is None else [python, bundled + "/pip"]


def _pip_version() -> Optional[str]:
    """Empty: there is one that does not say."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("pip")
    except PackageNotFoundError:
        bundled = _bundled_pip()
        return None if bundled is None else os.path.basename(bundled).split("-")[1]


def _bundled_pip() -> Optional[str]:
    """The wheel of pip that ``ensurepip`` would install."""
    for folder in (os.path.join(os.path.dirname(os.__file__), "ensurepip", "_bundled"), "/usr/share/python-wheels"):
        if os.path.isdir(folder):
            wheels = sorted(name for name in os.listdir(folder) if name.startswith("pip-") and name.endswith(".whl"))
            if wheels:
                return os.path.join(folder, wheels[-1])
    return None


def _folders() -> list[str]:
    """Where Python looks for packages, in its order."""
    places = [site_packages(ENVIRONMENT), *sys.path]
    return list(dict.fromkeys(os.path.realpath(place) for place in places if os.path.isdir(place)))


def _own_names() -> set[str]:
    """The normalised names of the packages in the environment itself."""
    import re
    from importlib.metadata import distributions

    found = distributions(path=[site_packages(ENVIRONMENT)])
    return {re.sub(r"[-_.]+", "-", one.metadata["Name"] or "").lower() for one in found}


def _distributions(folder: str) -> Iterator[dict[str, Any]]:
    """What tells of each package, as it is written."""
    for name in sorted(os.listdir(folder)):
        place = os.path.join(folder, name)
        if name.startswith(("~", ".")) or not name.endswith((".dist-info", ".egg-info")):
            continue
        is_file = os.path.isfile(place)
        is_egg = name.endswith(".egg-info")
        metadata = _read(place if is_file else os.path.join(place, "PKG-INFO" if is_egg else "METADATA"))
        if metadata is not None:
            yield {
                "place": place,
                "modifiedAt": os.stat(place).st_mtime * 1000,
                "metadata": metadata.partition("\n\n")[0],
                "needs": _read(os.path.join(place, "requires.txt")) if is_egg and not is_file else None,
                "installer": _read(os.path.join(place, "INSTALLER")),
                "directUrl": _read(os.path.join(place, "direct_url.json")),
                "hasRecord": is_egg or os.path.exists(os.path.join(place, "RECORD")),
            }


def _read(file: str) -> Optional[str]:
    try:
        with open(file, encoding="utf-8", errors="replace") as stream:
            return stream.read(_HEADERS).replace("\r\n", "\n")
    except OSError:
        return None
