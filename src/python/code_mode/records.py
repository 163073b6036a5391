"""What the namespaces give back: objects whose attributes can also be read as keys.

Apart from the namespaces themselves: dataclasses take longer to make than all that a start imports otherwise.
"""

from __future__ import annotations

import dataclasses
import html
import re
from datetime import datetime
from typing import Any, Iterable, Iterator


class Record:
    """A dataclass read as ``record.name`` or ``record["name"]``; ``dict(record)`` copies it.

    In py-code-mode some executors give objects and others dicts: code written for either works here.
    """

    def keys(self) -> list[str]:
        """The names of the fields."""
        return [field.name for field in dataclasses.fields(self) if field.repr]  # type: ignore[arg-type]

    def __getitem__(self, key: str) -> Any:
        if key not in self.keys():
            raise KeyError(key)
        return getattr(self, key)

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys())

    def get(self, key: str, default: Any = None) -> Any:
        """The field, or ``default`` where there is none of that name."""
        return self[key] if key in self.keys() else default

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><th style='text-align:left;vertical-align:top'>{html.escape(key)}</th>"
            f"<td style='text-align:left;white-space:pre-wrap'>{html.escape(_text(self[key]))}</td></tr>"
            for key in self.keys()
        )
        return f"<table><tbody>{rows}</tbody></table>"


@dataclasses.dataclass(frozen=True, eq=True)
class Artifact(Record):
    """An artifact without its content; ``artifacts.load(name)`` gives that.

    ``path`` is where the store keeps it: a file on the host, which an isolated executor cannot open itself.
    """

    name: str
    path: str
    description: str
    metadata: dict[str, Any] = dataclasses.field(hash=False)
    created_at: datetime

    @classmethod
    def from_host(cls, entry: dict[str, Any]) -> Artifact:
        """What the host says of one."""
        # Python 3.10 and older do not read the Z.
        created_at = datetime.fromisoformat(entry["created_at"].replace("Z", "+00:00"))
        return cls(entry["name"], entry["path"], entry["description"], entry["metadata"], created_at)


class _PackageChange(Record):
    """What became of packages; seen as the lines that say it."""

    failed: list[dict[str, str]]

    def _done(self) -> Iterator[str]:
        raise NotImplementedError

    def _failures(self) -> Iterator[str]:
        return (f"Failed: {failure['package']}: {failure['reason']}" for failure in self.failed)

    def __repr__(self) -> str:
        return "\n".join([*self._done(), *self._failures()]) or "Nothing to do"

    def _repr_html_(self) -> None:
        """None: the lines are what is shown."""


@dataclasses.dataclass(frozen=True, repr=False)
class InstallResult(_PackageChange):
    """What ``deps.add`` or ``deps.sync`` did; ``failed`` holds dicts with ``package`` and ``reason``."""

    installed: list[str] = dataclasses.field(default_factory=list)
    already_present: list[str] = dataclasses.field(default_factory=list)
    failed: list[dict[str, str]] = dataclasses.field(default_factory=list)

    def _done(self) -> Iterator[str]:
        yield from _listed("Installed", map(_with_version, self.installed))
        yield from _listed("Already there", map(_with_version, self.already_present))


@dataclasses.dataclass(frozen=True, repr=False)
class RemoveResult(_PackageChange):
    """What ``deps.remove`` did; true where a package was removed or taken out of the configuration."""

    removed: list[str] = dataclasses.field(default_factory=list)
    not_found: list[str] = dataclasses.field(default_factory=list)
    failed: list[dict[str, str]] = dataclasses.field(default_factory=list)
    removed_from_config: bool = False

    def __bool__(self) -> bool:
        return bool(self.removed) or self.removed_from_config

    def _done(self) -> Iterator[str]:
        yield from _listed("Removed", self.removed)
        if self.removed_from_config and not self.removed:
            yield "Taken out of the configuration"
        yield from _listed("Not installed", self.not_found)


def _listed(what: str, packages: Iterable[str]) -> Iterator[str]:
    listed = ", ".join(packages)
    if listed:
        yield f"{what}: {listed}"


def _with_version(spec: str) -> str:
    """``six>=1`` as ``six 1.17.0``: what is there of it now."""
    from .packages import installed_version

    name = re.split(r"[\s\[<>=!~;@]", spec, maxsplit=1)[0]
    version = installed_version(name)
    return f"{name} {version}" if version else spec


def _text(value: Any) -> str:
    if isinstance(value, frozenset):
        return ", ".join(sorted(map(_text, value)))
    if isinstance(value, tuple):
        return "\n".join(map(_text, value))
    return "" if value is None else str(value)
