"""Tracebacks as the user's own code sees them: without the frames of this package."""

from __future__ import annotations

import os
import sys
import traceback

from .values import bounded

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Optional

# Files of this package, and JavaScript that Pyodide shows as frames.
_INTERNAL = (os.path.dirname(os.path.abspath(__file__)), "file:///", "node:", "wasm://")
# Characters of a message or traceback.
_LIMIT = 200_000
# Calls that a traceback shows; with the recursion limit raised there can be a million.
_FRAMES = 2_000
# Exceptions that led to one another, of which the last one's cause is looked for.
_CHAIN = 10
# Leaves the exceptions alone that are not shown; Python 3.9 takes them all.
_COMPACT = {"compact": True} if sys.version_info >= (3, 10) else {}


def describe_exception(error: BaseException) -> dict[str, str]:
    """``{"type", "message", "traceback"}`` of ``error``, bounded; never raises.

    Where it failed for want of a module, ``missingModule`` is the top-level name that nothing here has.
    """
    try:
        described = traceback.TracebackException.from_exception(error, limit=-_FRAMES, **_COMPACT)
        _drop_internal_frames(described)
        text = "".join(described.format())
        if _is_deeper(error.__traceback__, _FRAMES):
            text = f"(Only the last {_FRAMES:,} calls are shown.)\n{text}"
    except BaseException as failure:  # an exception class is user code, too
        text = f"{_name(error)}: the traceback could not be formatted ({type(failure).__name__})\n"
    description = {"type": _name(error), "message": _message(error), "traceback": bounded(text, _LIMIT)}
    try:
        missing = _missing_module(error)
    except BaseException:  # so are finders of modules
        missing = None
    return description if missing is None else {**description, "missingModule": missing}


def _missing_module(error: BaseException) -> Optional[str]:
    # A library that says what is missing in its own words raises another ImportError after the interpreter's.
    current: Optional[BaseException] = error
    for _ in range(_CHAIN):
        if not isinstance(current, ImportError):
            break
        # Of `import yaml.loader`, yaml; a module that a present package lacks is no package's fault.
        top = current.name.partition(".")[0] if isinstance(current.name, str) else ""
        if top.isidentifier() and not _is_there(top):
            return top
        current = current.__cause__ or current.__context__
    return None
    return None


def _is_there(module: str) -> bool:
    # Also None, by which code forbids an import.
    if module in sys.modules:
        return True
    from importlib.util import find_spec

    return find_spec(module) is not None


def _is_deeper(tb: Optional[TracebackType], frames: int) -> bool:
    while tb is not None and frames >= 0:
        tb, frames = tb.tb_next, frames - 1
    return tb is not None


def _name(error: BaseException) -> str:
    return type(error).__name__


def _message(error: BaseException) -> str:
    if isinstance(error, SyntaxError) and error.msg:
        return bounded(str(error.msg), _LIMIT)
    try:
        text = str(error)
        if not text and isinstance(error, KeyboardInterrupt):
            return "Interrupted."
        return bounded(text, _LIMIT)
    except BaseException:
        return "<the exception's str() failed>"


def _drop_internal_frames(described: traceback.TracebackException) -> None:
    """Take the frames of this package out of ``described`` and of the exceptions that led to it."""
    waiting, seen = [described], set()
    while waiting:
        current = waiting.pop()
        if id(current) in seen:
            continue
        seen.add(id(current))
        current.stack[:] = [frame for frame in current.stack if not frame.filename.startswith(_INTERNAL)]
        chained = (current.__cause__, current.__context__, *(getattr(current, "exceptions", None) or ()))
        waiting.extend(other for other in chained if other is not None)
