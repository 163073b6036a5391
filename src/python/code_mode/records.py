"""What the namespaces give back: objects whose attributes can also be read as keys."""

from __future__ import annotations

import dataclasses
import html
from typing import Any


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

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><th style='text-align:left;vertical-align:top'>{html.escape(key)}</th>"
            f"<td style='text-align:left;white-space:pre-wrap'>{html.escape(_text(self[key]))}</td></tr>"
            for key in self.keys()
        )
        return f"<table><tbody>{rows}</tbody></table>"


def _text(value: Any) -> str:
    return value if isinstance(value, str) else str(value)
