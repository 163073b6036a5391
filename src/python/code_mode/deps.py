"""``deps``: the packages of the executor's own environment."""

from __future__ import annotations

import builtins
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .records import InstallResult, RemoveResult


class Deps:
    """The packages of this Python: ``deps.add("six")`` installs one, configures it, and it can be imported at once."""

    def __init__(self, host: Any) -> None:
        self._host = host

    def list(self) -> builtins.list[str]:
        """The configured packages as they are written: ``["pandas>=2.0"]``."""
        result, _ = self._host.call("deps.list", {})
        return builtins.list(result)

    def add(self, package: str, *more: str, upgrade: bool = False) -> InstallResult:
        """Install packages and configure those that are there then: ``deps.add("rich", "pandas>=2.0")``.

        What is there and fits stays as it is; with ``upgrade`` it is brought to the newest version that fits. Raises
        ``RuntimeDepsDisabledError`` where that is switched off, ``UnsupportedError`` where this executor cannot install.
        """
        from .records import InstallResult

        result = self._change("deps.add", {"packages": [package, *more], "upgrade": upgrade})
        return InstallResult(**result)

    def remove(self, name: str, *more: str) -> RemoveResult:
        """Uninstall packages and take them out of the configuration. Raises like ``add``."""
        from .records import RemoveResult

        return RemoveResult(**self._change("deps.remove", {"names": [name, *more]}))

    def sync(self) -> InstallResult:
        """Install the configured packages that are missing, also where adding is switched off."""
        from .records import InstallResult

        return InstallResult(**self._change("deps.sync", {}))

    def _change(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        from .packages import refresh

        try:
            result, _ = self._host.call(method, params)
        except Exception:
            # Something may have changed all the same.
            refresh(())
            raise
        changed = result.pop("changed")
        outdated = refresh(changed) if changed else ()
        if outdated:
            verb, which = ("is", "it") if len(outdated) == 1 else ("are", "them")
            notice = f"{verb} imported already: restart Python to use the new version of {which}."
            print(", ".join(outdated), notice, file=sys.stderr)
        return result

    def _installed(self) -> builtins.list[dict[str, str]]:
        """What is there, with ``name`` and ``version``."""
        result, _ = self._host.call("deps.installed", {})
        return result

    def __repr__(self) -> str:
        return "<deps: list, add, remove, sync>"
