"""Standard output and error as events of the run that printed them."""

from __future__ import annotations

import codecs
import io
from contextvars import ContextVar
from typing import Callable

# The run that the current code belongs to. Tasks and context copies inherit it, so that what a background
# task prints later is still its own run's output.
current_run: ContextVar[int] = ContextVar("code_mode_current_run", default=0)

# Characters that are gathered before they are sent without waiting for the flush timer.
_FLUSH_AT = 16_384


class RunStream(io.TextIOBase):
    """A text stream that sends what is written in pieces, each tagged with the run that wrote it.

    ``emit(name, run, data)`` sends UTF-8 bytes; ``request_flush(stream.flush)`` has it called soon.
    A lone surrogate, which UTF-8 cannot carry, is sent as its escape.
    """

    encoding = "utf-8"
    errors = "backslashreplace"
    newlines = None

    def __init__(
        self,
        name: str,
        emit: Callable[[str, int, bytes], None],
        request_flush: Callable[[Callable[[], None]], None],
    ) -> None:
        self.name = f"<{name}>"
        self._stream = name
        self._emit = emit
        self._request_flush = request_flush
        self._parts: list[str] = []
        self._size = 0
        self._run = 0
        self.buffer = _ByteStream(self)

    def write(self, text: str) -> int:
        """Gather ``text``; it is sent when much has gathered, when the timer fires or when a run ends."""
        try:
            length = len(text)
            if current_run.get() is not self._run:
                self.flush()
                self._run = current_run.get()
            parts = self._parts
            if not parts:
                self._request_flush(self.flush)
            parts.append(text)
        except TypeError:
            raise TypeError(f"write() argument must be str, not {type(text).__name__}") from None
        self._size += length
        if self._size > _FLUSH_AT:
            self.flush()
        return length

    def flush(self) -> None:
        """Send what has gathered. A signal handler may call this while a write is under way."""
        # Taken in one step: a handler that runs between these lines finds an empty list.
        parts, self._parts = self._parts, []
        self._size = 0
        if parts:
            self._emit(self._stream, self._run, "".join(parts).encode("utf-8", "backslashreplace"))

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return False

    def close(self) -> None:
        """Kept open: code that closes ``sys.stdout`` must not silence the session."""
        self.flush()


class _ByteStream(io.RawIOBase):
    """``sys.stdout.buffer``: bytes that are decoded as UTF-8 and written to the text stream."""

    def __init__(self, text: RunStream) -> None:
        self._text = text
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def write(self, data) -> int:  # type: ignore[override]
        view = bytes(data)
        self._text.write(self._decoder.decode(view))
        return len(view)

    def writable(self) -> bool:
        return True

    def flush(self) -> None:
        self._text.flush()

    def close(self) -> None:
        self.flush()


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
