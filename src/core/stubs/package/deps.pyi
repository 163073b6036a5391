"""``deps``: the packages of the executor's own environment."""

import builtins

from .records import InstallResult, RemoveResult

class Deps:
    """The packages that this session is configured with: ``deps.list()``."""

    def list(self) -> builtins.list[str]:
        """The configured packages as they are written: ``["pandas>=2.0"]``."""

    def add(self, package: str) -> InstallResult:
        """Configure and install a package. Raises ``UnsupportedError`` where this executor cannot install."""

    def remove(self, name: str) -> RemoveResult:
        """Uninstall a package and take it out of the configuration. Raises ``UnsupportedError`` like ``add``."""

    def sync(self) -> InstallResult:
        """Install the configured packages that are missing. Raises ``UnsupportedError`` like ``add``."""
