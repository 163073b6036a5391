"""What is known of tools: objects as py-code-mode has them, whose attributes can also be read as keys."""

import dataclasses
from typing import Any

from .records import Record

class _ToolRecord(Record):
    def to_dict(self) -> dict[str, Any]:
        """All of it as plain dicts and lists, as JSON has them."""

@dataclasses.dataclass(frozen=True)
class ToolParameter(_ToolRecord):
    """A parameter of a callable; ``type`` is a JSON type, ``bytes`` or ``any``.

    ``original_name`` is the tool's own name for it, ``schema`` the JSON schema of its values.
    """

    name: str
    type: str
    required: bool
    default: Any
    description: str
    original_name: str
    schema: dict[str, Any]
    @property
    def annotation(self) -> Any:
        """The Python type of its values; ``Any`` where they have none in common."""

    @property
    def declaration(self) -> str:
        """Its type and default as a signature has them: ``int = 3``."""

@dataclasses.dataclass(frozen=True)
class ToolCallable(_ToolRecord):
    """Something that a tool can do, called as ``tools.NAME.CALLABLE(...)``.

    ``returns`` is the type of its results, in the words of a parameter's; ``original_name`` is the tool's own name.
    """

    name: str
    description: str
    parameters: tuple[ToolParameter, ...]
    returns: str
    original_name: str
    def signature(self) -> str:
        """Its name and parameters as text: ``get(url: str, limit: int = 3)``."""

    def documentation(self) -> str:
        """What it does and what its parameters mean."""

@dataclasses.dataclass(frozen=True)
class Tool(_ToolRecord):
    """A tool and what it can do, ``callables``.

    ``direct`` is what ``tools.NAME(...)`` calls, None where that cannot be called; ``problem`` says why its
    callables are not known, such as a server that does not start.
    """

    name: str
    description: str
    callables: tuple[ToolCallable, ...]
    tags: frozenset[str]
    direct: ToolCallable | None
    problem: str | None
    def signatures(self) -> list[str]:
        """The signature of each callable as text."""
