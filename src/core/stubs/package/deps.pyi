"""``deps``: the packages of the executor's own environment."""

import builtins

from .records import InstallResult, RemoveResult

class Deps:
    """The packages of this Python: ``deps.add("six")`` installs one, configures it, and it can be imported at once."""

    def list(self) -> builtins.list[str]:
        """The configured packages as they are written: ``["pandas>=2.0"]``."""

    def add(self, package: str, *more: str, upgrade: bool = False) -> InstallResult:
        """Install packages and configure those that are there then: ``deps.add("rich", "pandas>=2.0")``.

        What is there and fits stays as it is; with ``upgrade`` it is brought to the newest version that fits. Raises
        ``RuntimeDepsDisabledError`` where that is switched off, ``UnsupportedError`` where this executor cannot install.
        """

    def remove(self, name: str, *more: str) -> RemoveResult:
        """Uninstall packages and take them out of the configuration. Raises like ``add``."""

    def sync(self) -> InstallResult:
        """Install the configured packages that are missing, also where adding is switched off."""
