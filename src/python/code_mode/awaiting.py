"""Whether a call stands behind ``await``: what can be called with and without it asks here."""

from __future__ import annotations

from opcode import opmap

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType

_GET_AWAITABLE = opmap["GET_AWAITABLE"]
_CACHE = 0
# The flags of code that can await, inspect.CO_COROUTINE and inspect.CO_ASYNC_GENERATOR, without the import.
_CAN_AWAIT = 0x80 | 0x200


def is_awaited(frame: FrameType) -> bool:
    """Whether the call that ``frame`` is making stands behind an ``await``: the next instruction says so."""
    if not frame.f_code.co_flags & _CAN_AWAIT:
        # Spares a copy of the code.
        return False
    code = frame.f_code.co_code
    following = frame.f_lasti + 2
    while following < len(code) and code[following] == _CACHE:
        following += 2
    return following < len(code) and code[following] == _GET_AWAITABLE
