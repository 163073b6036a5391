"""What the namespaces give back: objects whose attributes can also be read as keys."""

import dataclasses
from collections.abc import Iterator
from datetime import datetime
from typing import Any

class Record:
    """A dataclass read as ``record.name`` or ``record["name"]``; ``dict(record)`` copies it."""

    def keys(self) -> list[str]:
        """The names of the fields."""

    def __getitem__(self, key: str) -> Any: ...
    def __iter__(self) -> Iterator[str]: ...
    def get(self, key: str, default: Any = None) -> Any:
        """The field, or ``default`` where there is none of that name."""

@dataclasses.dataclass(frozen=True)
class Artifact(Record):
    """An artifact without its content; ``artifacts.load(name)`` gives that.

    ``path`` is where the store keeps it: a file on the host, which an isolated executor cannot open itself.
    """

    name: str
    path: str
    description: str
    metadata: dict[str, Any]
    created_at: datetime

@dataclasses.dataclass(frozen=True)
class InstallResult(Record):
    """What ``deps.add`` or ``deps.sync`` did; ``failed`` holds dicts with ``package`` and ``reason``."""

    installed: list[str] = ...
    already_present: list[str] = ...
    failed: list[dict[str, str]] = ...

@dataclasses.dataclass(frozen=True)
class RemoveResult(Record):
    """What ``deps.remove`` did; true where a package was removed or taken out of the configuration."""

    removed: list[str] = ...
    not_found: list[str] = ...
    failed: list[dict[str, str]] = ...
    removed_from_config: bool = ...
    def __bool__(self) -> bool: ...
