"""The value of a run as JSON where it is JSON, otherwise as its ``repr``."""

from __future__ import annotations

from .json_text import dumps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# Integers beyond this lose digits in a JavaScript number, so they are not JSON to the other side.
_SAFE_INTEGER = 2**53 - 1
# Of these, a part is as good as the whole.
_LONG = (str, bytes, bytearray)
_SCALARS = {str, bool, type(None)}
_DEPTH = 200


def encode_value(value: Any) -> tuple[str, bool]:
    """Return ``(json_text, is_repr)``, in ASCII: the value itself where JSON carries it unchanged, or its ``repr``.

    A tuple, NaN, a large integer or a dict with keys that are no strings come back as ``repr``, since JSON
    would turn them into something else. Raises what ``repr(value)`` raises.
    """
    if _is_json(value, 0):
        return dumps(value), False
    return dumps(repr(value)), True


def _is_json(value: Any, depth: int) -> bool:
    kind = type(value)
    if kind in _SCALARS:
        return True
    if kind is int:
        return -_SAFE_INTEGER <= value <= _SAFE_INTEGER
    if kind is float:
        return value - value == 0.0
    if depth > _DEPTH:
        return False
    if kind is list:
        return _all_json(value, depth)
    if kind is dict:
        return set(map(type, value)) <= {str} and _all_json(value.values(), depth)
    return False


def _all_json(items: Any, depth: int) -> bool:
    # One pass in C over the types: a list of a million strings costs no million calls here.
    kinds = set(map(type, items))
    if kinds <= _SCALARS:
        return True
    return all(_is_json(item, depth + 1) for item in items)


def bounded(text: str, limit: int) -> str:
    """``text``, cut in the middle with a mark that counts what is missing where it exceeds ``limit``."""
    if len(text) <= limit:
        return text
    half = limit // 2
    return f"{text[:half]}\n… {len(text) - 2 * half:,} characters left out …\n{text[-half:]}"


def bounded_repr(value: Any, limit: int) -> str:
    """``bounded(repr(value), limit)``, without the memory of the whole where a value is one long text."""
    if type(value) in _LONG and len(value) > 2 * limit:
        half = limit // 2
        left_out = len(value) - 2 * half
        mark = f"\n… {left_out:,} {'characters' if type(value) is str else 'bytes'} left out …\n"
        return repr(value[:half])[:half] + mark + repr(value[-half:])[-half:]
    return bounded(repr(value), limit)


def safe_repr(value: Any, limit: int) -> str:
    """A ``repr`` of at most about ``limit`` characters that never raises."""
    try:
        return bounded_repr(value, limit)
    except Exception as error:  # a repr is user code
        return f"<repr of {type(value).__name__} raised {type(error).__name__}>"
