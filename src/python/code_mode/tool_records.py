"""What is known of tools: objects as py-code-mode has them, whose attributes can also be read as keys."""

from __future__ import annotations

import dataclasses
import inspect
from typing import Any, Iterator, Optional

from .records import Record

_TYPES: dict[str, Any] = {
    "string": str,
    "integer": int,
    "number": float,
    "boolean": bool,
    "array": list,
    "object": dict,
    "bytes": bytes,
}


class _ToolRecord(Record):
    def to_dict(self) -> dict[str, Any]:
        """All of it as plain dicts and lists, as JSON has them."""
        return {key: _plain(self[key]) for key in self.keys()}


@dataclasses.dataclass(frozen=True)
class ToolParameter(_ToolRecord):
    """A parameter of a callable; ``type`` is a JSON type, ``bytes`` or ``any``.

    ``original_name`` is the tool's own name for it, ``schema`` the JSON schema of its values.
    """

    name: str
    type: str
    required: bool
    default: Any = dataclasses.field(hash=False)
    description: str
    original_name: str
    schema: dict[str, Any] = dataclasses.field(hash=False)

    @classmethod
    def from_host(cls, entry: dict[str, Any]) -> ToolParameter:
        """What the host says of one."""
        return cls(
            entry["name"],
            entry["type"],
            entry["required"],
            entry.get("default"),
            entry["description"],
            entry["originalName"],
            entry["schema"],
        )

    @property
    def annotation(self) -> Any:
        """The Python type of its values; ``Any`` where they have none in common."""
        kind = _TYPES.get(self.type, Any)
        items = self.schema.get("items")
        if kind is list and isinstance(items, dict) and isinstance(items.get("type"), str):
            return list[_TYPES.get(items["type"], Any)]  # type: ignore[misc]
        return kind

    @property
    def declaration(self) -> str:
        """Its type and default as a signature has them: ``int = 3``."""
        kind = self.annotation
        text = "Any" if kind is Any else str(kind) if hasattr(kind, "__args__") else kind.__name__
        if self.required:
            return text
        return f"{text} | None = None" if self.default is None else f"{text} = {self.default!r}"

    def __str__(self) -> str:
        return f"{self.name}: {self.declaration}"


@dataclasses.dataclass(frozen=True, repr=False)
class ToolCallable(_ToolRecord):
    """Something that a tool can do, called as ``tools.NAME.CALLABLE(...)``.

    ``returns`` is the type of its results, in the words of a parameter's; ``original_name`` is the tool's own name.
    """

    name: str
    description: str
    parameters: tuple[ToolParameter, ...]
    returns: str
    original_name: str

    @classmethod
    def from_host(cls, entry: dict[str, Any]) -> ToolCallable:
        """What the host says of one. Those of its parameters that must be given come first."""
        parameters = map(ToolParameter.from_host, entry["parameters"])
        in_order = tuple(sorted(parameters, key=lambda parameter: not parameter.required))
        return cls(entry["name"], entry["description"], in_order, entry["returns"], entry["originalName"])

    def signature(self) -> str:
        """Its name and parameters as text: ``get(url: str, limit: int = 3)``."""
        return f"{self.name}({', '.join(map(str, self.parameters))})"

    @property
    def __signature__(self) -> inspect.Signature:
        parameters = []
        for parameter in self.parameters:
            annotation = parameter.annotation
            default = inspect.Parameter.empty if parameter.required else parameter.default
            if default is None and annotation is not Any:
                annotation = Optional[annotation]
            kind = inspect.Parameter.KEYWORD_ONLY
            parameters.append(inspect.Parameter(parameter.name, kind, default=default, annotation=annotation))
        return inspect.Signature(parameters, return_annotation=_TYPES.get(self.returns, Any))

    def documentation(self) -> str:
        """What it does and what its parameters mean."""
        if not self.parameters:
            return self.description
        return "\n".join([*filter(None, [self.description]), "", "Args:", *map(_explained, self.parameters)]).strip()

    def __repr__(self) -> str:
        return f"{self.signature()}: {self.description}" if self.description else self.signature()


@dataclasses.dataclass(frozen=True, repr=False)
class Tool(_ToolRecord):
    """A tool and what it can do, ``callables``.

    ``direct`` is what ``tools.NAME(...)`` calls, None where that cannot be called; ``problem`` says why its
    callables are not known, such as a server that does not start.
    """

    name: str
    description: str
    callables: tuple[ToolCallable, ...]
    tags: frozenset[str]
    direct: Optional[ToolCallable]
    problem: Optional[str]

    @classmethod
    def from_host(cls, entry: dict[str, Any]) -> Tool:
        """What the host says of one."""
        direct = None if entry["direct"] is None else ToolCallable.from_host(entry["direct"])
        callables = tuple(map(ToolCallable.from_host, entry["callables"]))
        tags = frozenset(entry["tags"])
        return cls(entry["name"], entry["description"], callables, tags, direct, entry["problem"])

    def signatures(self) -> list[str]:
        """The signature of each callable as text."""
        return [callable.signature() for callable in self.callables]

    def __repr__(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield f"{self.name}: {self.description}" if self.description else self.name
        for callable in self.callables:
            yield f"  {callable!r}"
        if self.direct is not None:
            yield f"  {self.direct!r}"
        if self.problem is not None:
            yield f"  It cannot be used now: {self.problem}"


def _explained(parameter: ToolParameter) -> str:
    """One line of a docstring."""
    choices = parameter.schema.get("enum")
    parts = [parameter.description]
    if isinstance(choices, list) and choices:
        parts.append(f"One of {', '.join(map(repr, choices))}.")
    return f"    {parameter.name} ({parameter.declaration}): {' '.join(filter(None, parts))}".rstrip(": ")


def _plain(value: Any) -> Any:
    if isinstance(value, _ToolRecord):
        return value.to_dict()
    if isinstance(value, frozenset):
        return sorted(value)
    return [_plain(item) for item in value] if isinstance(value, tuple) else value
