"""What has been installed or removed while Python runs: found by imports, and told where it comes too late for them."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from importlib.metadata import Distribution
    from typing import Any, Iterable, Optional

# The names of folders that installers install into, and no code of one's own lies in.
_SITE_FOLDERS = ("site-packages", "dist-packages")


class _Known:
    """A distribution as it was when its change was told last."""

    def __init__(self, version: Optional[str], outdated: dict[str, Any]) -> None:
        self.version = version
        # By the names of modules the specs that they had been imported by before.
        self.outdated = outdated


_known: dict[str, _Known] = {}


def refresh(names: Iterable[str]) -> list[str]:
    """Let imports find what is new of the distributions ``names`` and no longer what is gone.

    Returns the top-level modules that were imported before and are of another version now, or gone: these go on as they are
    until Python is restarted. Telling the same change twice changes nothing.
    """
    import importlib

    from .added_packages import look_again

    look_again()
    importlib.invalidate_caches()
    loaded = _loaded_modules()
    outdated: set[str] = set()
    for name in names:
        distribution = find_distribution(name)
        version = None if distribution is None else distribution.version
        known = _known.get(name)
        if known is None or known.version != version:
            _known[name] = known = _Known(version, {})
            if distribution is not None:
                recorded = _recorded_files(distribution)
                _process_path_files(distribution, recorded)
                known.outdated = _modules_of(distribution, recorded, loaded)
        outdated.update(module for module, spec in known.outdated.items() if loaded.get(module) is spec)
    outdated.update(module for module, spec in loaded.items() if _is_gone(spec))
    return sorted({module.partition(".")[0] for module in outdated})


def installed_version(name: str) -> str:
    """The version of an installed distribution; empty where there is none of that name."""
    distribution = find_distribution(name)
    return "" if distribution is None else distribution.version


def find_distribution(name: str) -> Optional[Distribution]:
    """What is installed under a name, however that is written."""
    from importlib.metadata import PackageNotFoundError, distribution

    try:
        # Before Python 3.12 no name would be any.
        return distribution(name) if name else None
    except (PackageNotFoundError, ValueError):
        return None


def _loaded_modules() -> dict[str, Any]:
    """The specs of the imported modules that were read from somewhere."""
    specs = {name: getattr(module, "__spec__", None) for name, module in list(sys.modules.items())}
    return {name: spec for name, spec in specs.items() if isinstance(getattr(spec, "origin", None), str)}


def _recorded_files(distribution: Distribution) -> set[str]:
    """The paths of a distribution's files, with slashes; of packages that the system brought, none may be known."""
    import csv

    text = distribution.read_text("RECORD") or ""
    return {row[0] for row in csv.reader(text.splitlines()) if row}


def _process_path_files(distribution: Distribution, recorded: set[str]) -> None:
    """Do what Python does at its start with the ``.pth`` files of its packages."""
    import site

    folder = str(distribution.locate_file(""))
    known_paths = {os.path.normcase(os.path.abspath(path)) for path in sys.path}
    for file in sorted(recorded):
        if file.endswith(".pth") and "/" not in file:
            site.addpackage(folder, file, known_paths)


def _modules_of(distribution: Distribution, recorded: set[str], loaded: dict[str, Any]) -> dict[str, Any]:
    """The loaded modules that come from a distribution, unless they are of the version that is there now."""
    folder = os.path.join(str(distribution.locate_file("")), "")
    declared = (distribution.read_text("top_level.txt") or "").split() if not recorded else ()
    found = {}
    for module, spec in loaded.items():
        if not spec.origin.startswith(folder):
            continue
        top = module.partition(".")[0]
        if spec.origin[len(folder) :].replace(os.sep, "/") in recorded or top in declared:
            # A look at the dictionary alone: to ask a module is to run its code, which may read the new version.
            version = getattr(sys.modules.get(top), "__dict__", {}).get("__version__")
            if version != distribution.version:
                found[module] = spec
    return found


def _is_gone(spec: Any) -> bool:
    folders = spec.origin.replace("\\", "/").split("/")[:-1]
    return any(folder in _SITE_FOLDERS for folder in folders) and not os.path.exists(spec.origin)
