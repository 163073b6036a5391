"""Whose output it is, and standard input as questions to a person."""

from __future__ import annotations

import io
import sys
from _contextvars import ContextVar

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Callable, Iterable, Optional, TextIO

# The run that the current code belongs to. Tasks and context copies inherit it, so that what a background
# task prints later is still its own run's output.
current_run: ContextVar[int] = ContextVar("code_mode_current_run", default=0)


class _UnderWay:
    """The run whose code is being executed or awaited; 0 while idle."""

    run = 0


under_way = _UnderWay()


def own_run() -> int:
    """The run that the current code belongs to; in code that no run started, the one under way."""
    return current_run.get() or under_way.run


def is_open(stream: TextIO) -> bool:
    """Whether ``stream`` was neither closed nor detached from what it writes to."""
    try:
        return not stream.closed
    except ValueError:
        return False


def flush_streams(streams: Optional[Iterable[TextIO]] = None) -> None:
    """Flush ``streams``, by default ``sys.stdout`` and ``sys.stderr``, whatever the user has put there."""
    for stream in (sys.stdout, sys.stderr) if streams is None else streams:
        try:
            stream.flush()
        except Exception:  # the user's own stream, or one that was closed
            pass


class InputStream(io.TextIOBase):
    """``sys.stdin``: every line is asked of the person through ``ask(prompt, password)``."""

    encoding = "utf-8"
    errors = "strict"

    def __init__(self, ask: Callable[[str, bool], str]) -> None:
        self._ask = ask
        self._rest = ""

    def readable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return False

    def readline(self, size: int = -1) -> str:  # type: ignore[override]
        if not self._rest:
            try:
                self._rest = self._ask("", False) + "\n"
            except EOFError:
                return ""
        end = len(self._rest) if size is None or size < 0 else size
        line, self._rest = self._rest[:end], self._rest[end:]
        return line

    def read(self, size: int = -1) -> str:  # type: ignore[override]
        if size is not None and size >= 0:
            return self.readline(size)
        return "".join(iter(self.readline, ""))
