"""JSON as messages carry it.

By the interpreter's own accelerator: the ``json`` module imports ``re``, which would be a third of a start, and makes a
new encoder for each text.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn


class _Plain:
    """What the scanner makes of JSON: what ``json.loads`` makes of it."""

    strict = True
    object_hook = object_pairs_hook = array_hook = None
    parse_float = float
    parse_int = int
    parse_constant = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}.__getitem__


def _refuse(value: Any) -> NoReturn:
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


try:
    from _json import encode_basestring_ascii, make_encoder, make_scanner

    _scan = make_scanner(_Plain)
    # Circles are not looked for: they end in a RecursionError.
    _encode = make_encoder(None, _refuse, encode_basestring_ascii, None, ": ", ", ", False, False, True)
except (ImportError, AttributeError, TypeError):
    # Other interpreters, a CPython that was built without it, and a newer one that asks for more.
    from json import dumps, loads
else:

    def dumps(value: Any) -> str:
        """``value`` as JSON text in ASCII. Raises ``TypeError`` for what JSON cannot hold."""
        return "".join(_encode(value, 0))

    def loads(text: str) -> Any:
        """The value that ``text`` holds, which begins without a blank. Raises ``ValueError``."""
        try:
            return _scan(text, 0)[0]
        except StopIteration:
            raise ValueError("no JSON") from None
