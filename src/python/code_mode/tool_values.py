"""What crosses to a tool and back: JSON beside the bytes, which go as they are."""

from __future__ import annotations

import os
import sys

from .errors import ToolArgumentsError
from .json_text import loads

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn, Union

    Path = tuple[Union[str, int], ...]

# Integers beyond this lose digits in a JavaScript number.
_SAFE_INTEGER = 2**53 - 1
_HINT = "Give text, a number, True, False, None, bytes, a path, or lists and dicts of those."


class Arguments:
    """The arguments of one call of ``called``, such as ``tools.jq.query``, as messages carry them."""

    def __init__(self, called: str, arguments: dict[str, Any]) -> None:
        self._called = called
        self.buffers: list[bytes] = []
        # Where in ``plain`` each of the buffers belongs.
        self.places: list[Path] = []
        try:
            self.plain = {name: self._carried(value, (name,)) for name, value in arguments.items()}
        except RecursionError:
            raise ToolArgumentsError(
                "tool-arguments", f"{called}: an argument is nested too deep, or contains itself.", _HINT
            ) from None

    def _carried(self, value: Any, place: Path) -> Any:
        """``value`` as JSON; where ``value`` is bytes, None stands for them."""
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, str):
            if not value.isascii():
                self._check_text(value, place)
            return value
        if isinstance(value, int):
            if abs(value) > _SAFE_INTEGER:
                self._refuse(place, f"is {value}, which would lose digits", f"Give it as text: '{value}'.")
            return value
        if isinstance(value, float):
            if value - value != 0.0:
                self._refuse(place, f"is {value}, which JSON cannot carry", _HINT)
            return value
        if isinstance(value, (bytes, bytearray, memoryview)):
            self.places.append(place)
            self.buffers.append(bytes(value))
            return None
        if isinstance(value, (list, tuple)):
            return [self._carried(item, (*place, index)) for index, item in enumerate(value)]
        if isinstance(value, dict):
            for key in value:
                if not isinstance(key, str):
                    self._refuse(place, f"has the key {key!r}, which is no text", "Convert the keys with str().")
            return {key: self._carried(item, (*place, key)) for key, item in value.items()}
        if isinstance(value, os.PathLike):
            return self._carried(os.fsdecode(value), place)
        number = _plain_number(value)
        if number is not None:
            return self._carried(number, place)
        self._refuse(place, f"is of type {type(value).__name__}, which is neither JSON nor bytes", _HINT)

    def _check_text(self, value: str, place: Path) -> None:
        try:
            value.encode()
        except UnicodeEncodeError:
            self._refuse(place, "has characters that are no Unicode text", "Give it as bytes.")

    def _refuse(self, place: Path, fault: str, hint: str) -> NoReturn:
        where = place[0] + "".join(f"[{key!r}]" for key in place[1:])  # type: ignore[operator]
        raise ToolArgumentsError("tool-arguments", f"{self._called}: the argument {where} {fault}.", hint)


def received(result: dict[str, Any], buffers: list[bytes]) -> Any:
    """What a call gave, from the host's message about it."""
    kind = result["type"]
    if kind == "text":
        return result["text"]
    if kind == "utf8":
        return buffers[result["buffer"]].decode("utf-8", "replace")
    if kind == "json":
        return result["value"]
    if kind == "jsonUtf8":
        return loads(buffers[result["buffer"]].decode().strip())
    if kind == "bytes":
        return buffers[result["buffer"]]
    return [received(item, buffers) for item in result["items"]]


def _plain_number(value: Any) -> Any:
    """The number or truth value that a scalar of NumPy stands for; None where ``value`` is none."""
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        for kind, plain in ((numpy.bool_, bool), (numpy.integer, int), (numpy.floating, float)):
            if isinstance(value, kind):
                return plain(value)
    return None
