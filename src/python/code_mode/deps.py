"""``deps``: the packages of the executor's own environment."""

from __future__ import annotations

import builtins
import dataclasses
from typing import Any

from .records import Record


@dataclasses.dataclass(frozen=True)
class InstallResult(Record):
    """What ``deps.add`` or ``deps.sync`` did; ``failed`` holds dicts with ``package`` and ``reason``."""

    installed: builtins.list[str] = dataclasses.field(default_factory=builtins.list)
    already_present: builtins.list[str] = dataclasses.field(default_factory=builtins.list)
    failed: builtins.list[dict[str, str]] = dataclasses.field(default_factory=builtins.list)


@dataclasses.dataclass(frozen=True)
class RemoveResult(Record):
    """What ``deps.remove`` did; true where a package was removed or taken out of the configuration."""

    removed: builtins.list[str] = dataclasses.field(default_factory=builtins.list)
    not_found: builtins.list[str] = dataclasses.field(default_factory=builtins.list)
    failed: builtins.list[dict[str, str]] = dataclasses.field(default_factory=builtins.list)
    removed_from_config: bool = False

    def __bool__(self) -> bool:
        return bool(self.removed) or self.removed_from_config


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
        return InstallResult(**result)

    def remove(self, name: str) -> RemoveResult:
        """Uninstall a package and take it out of the configuration. Raises ``UnsupportedError`` like ``add``."""
        result, _ = self._host.call("deps.remove", {"name": name})
        return RemoveResult(**result)

    def sync(self) -> InstallResult:
        """Install the configured packages that are missing. Raises ``UnsupportedError`` like ``add``."""
        result, _ = self._host.call("deps.sync", {})
        return InstallResult(**result)

    def __repr__(self) -> str:
        return "<deps: list, add, remove, sync>"
