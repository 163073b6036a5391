"""``deps``: the packages of the executor's own environment."""

from __future__ import annotations

import builtins

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .records import InstallResult, RemoveResult


class Deps:
    """The packages that this session is configured with: ``deps.list()``."""

    def __init__(self, host: Any) -> None:
        self._host = host

    def list(self) -> builtins.list[str]:
        """The configured packages as they are written: ``["pandas>=2.0"]``."""
        result, _ = self._host.call("deps.list", {})
        return builtins.list(result)

    def add(self, package: str) -> InstallResult:
        """Configure and install a package. Raises ``UnsupportedError`` where this executor cannot install."""
        result, _ = self._host.call("deps.add", {"package": package})
        return _install_result(result)

    def remove(self, name: str) -> RemoveResult:
        """Uninstall a package and take it out of the configuration. Raises ``UnsupportedError`` like ``add``."""
        result, _ = self._host.call("deps.remove", {"name": name})
        from .records import RemoveResult

        return RemoveResult(**result)

    def sync(self) -> InstallResult:
        """Install the configured packages that are missing. Raises ``UnsupportedError`` like ``add``."""
        result, _ = self._host.call("deps.sync", {})
        return _install_result(result)

    def __repr__(self) -> str:
        return "<deps: list, add, remove, sync>"


def _install_result(result: dict[str, Any]) -> InstallResult:
    from .records import InstallResult

    return InstallResult(**result)
