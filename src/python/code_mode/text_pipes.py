"""What is printed, on its way through the pipes of file descriptors 1 and 2.

C code and child processes write to the same pipes. So each line is sent at once: it is kept whatever happens next, and in
one order with what others write. Only while code prints many, they are gathered for some milliseconds: a system call for
each would take ten times as long as the print. They are gathered in memory that the host can read as well, so that none
is lost in whatever way the process ends.

Where order matters between the pipes, or text is not that of the run under way, a mark is written into both;
``orderedOutput.ts`` is the other end.
"""

from __future__ import annotations

import _thread
import io
import mmap
import os
import sys

from _collections import deque

from .imports import when_imported
from .streams import current_run, flush_streams, under_way

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Optional, TextIO

    from .cpython_platform import CPythonPlatform

# Of the shared memory, bytes for each of the two streams; `unsentText.ts` has the same numbers.
_REGION = 65_536
# They begin with the place up to which text was sent, as a little-endian number of this many bytes.
_HEADER = 4
# What stands where no text does: no UTF-8 has this byte.
_BLANK = b"\xff"

# Whether a process can know what the other end of its pipe has left unread.
_SEES_UNREAD = sys.platform.startswith("linux")

# Lines sent between two ticks, 25 ms apart, from which on they are gathered.
_MANY = 64
# Bytes gathered between two ticks, below which lines are sent one by one again.
_FEW = 1_024


class TextPipes:
    """The pipes, and the marks in them. ``memory`` is the descriptor of the shared one."""

    def __init__(self, platform: CPythonPlatform, token: bytes, memory: int) -> None:
        self._platform = platform
        self._token = token
        self._epoch = 0
        # Frames sent so far.
        self.frames = 0
        self._forked = False
        self._lock = _thread.RLock()
        # What was printed and waits for the lock, or for what its thread does with it: pipe, run and data.
        self._waiting: deque[tuple[_TextPipe, int, bytes]] = deque()
        self._pipes = [_TextPipe(stream, _map(memory, place)) for place, stream in enumerate((1, 2))]
        os.close(memory)
        # The one that was written to last: nobody else has text that was not sent.
        self._last = self._pipes[0]
        self._streams: dict[int, TextIO] = {}
        self._has_unread = _unread_counter(self._last.descriptor)
        _before_children(self.calm)

    @property
    def complaints(self) -> int:
        """The descriptor of standard error."""
        return self._pipes[1].descriptor

    def open(self, stream: int) -> TextIO:
        """A text stream, which holds a line back until it is complete."""
        self._streams[stream] = io.TextIOWrapper(
            _TextBuffer(self, self._pipes[stream - 1]),
            encoding="utf-8",
            # A lone surrogate, which UTF-8 cannot carry, is written as its escape.
            errors="backslashreplace",
            newline="\n",
            line_buffering=True,
        )
        return self._streams[stream]

    def write(self, pipe: _TextPipe, data: bytes) -> None:
        """Take ``data``, and send it once a line is complete."""
        run = current_run.get()
        if run == under_way.run or self._forked:
            run = 0
        self._waiting.append((pipe, run, data))
        if self._lock._is_owned():
            # By a signal handler or finalizer, in the middle of the below.
            return
        try:
            with self._lock:
                self._take_waiting()
        finally:
            self._platform.raise_deferred()

    def send(self) -> None:
        """Send what was gathered."""
        if self._lock._is_owned():
            return
        try:
            with self._lock:
                self._send_gathered()
        finally:
            self._platform.raise_deferred()

    def calm(self) -> None:
        """Send what was printed, and line by line what comes next: others are about to print."""
        self._last.gathers = False
        self._last.lines = 0
        flush_streams(self._streams.values())

    def tick(self) -> None:
        """Send what was printed while code is busy. A thread that is not the main one calls this."""
        if not self._lock.acquire(False):
            # It is being sent.
            return
        try:
            last = self._last
            flush_streams(self._streams.values())
            self._send_gathered()
            last.gathers = last.gathers and last.passed >= _FEW
            last.passed = last.lines = 0
        finally:
            self._lock.release()

    def mark_if_pending(self) -> Optional[int]:
        """Mark what was printed so far if the host may not have read all of it; the mark's number."""
        with self._lock:
            self._send_gathered()
            return self._mark(0) if self._are_unread() else None

    def mark_after_frame(self, frames: int) -> None:
        """Mark that what is printed next comes after the frames, unless the host has read all of ``frames``."""
        with self._lock:
            if self._has_unread(frames) or self._are_unread():
                self._send_gathered()
                self._mark(0)

    def after_fork(self) -> None:
        """In a child that user code forked: write to the pipes without a mark, and not into the host's memory."""
        self._forked = True
        self._lock = _thread.RLock()
        self._waiting.clear()
        for pipe in self._pipes:
            pipe.use(mmap.mmap(-1, _REGION))

    # Below, the lock is held.

    def _take_waiting(self) -> None:
        while self._waiting:
            self._take(*self._waiting.popleft())

    def _take(self, pipe: _TextPipe, run: int, data: bytes) -> None:
        if pipe is not self._last or pipe.run != run:
            self._turn_to(pipe, run)
        elif pipe.is_empty() and self._others_have_printed(pipe):
            self._mark(0)
        if not pipe.has_room(data):
            # Not by what runs in the middle of this.
            pipe.gathers = False
            self._send(pipe.take())
            pipe.clear()
        if not pipe.has_room(data):
            self._send(data)
            return
        pipe.put(data)
        if b"\n" in data or b"\r" in data:
            self._send(pipe.take())
            pipe.lines += 1
            pipe.gathers = pipe.lines > _MANY and run == 0 and self._platform.prints_alone()

    def _turn_to(self, pipe: _TextPipe, run: int) -> None:
        last = self._last
        last.gathers = False
        self._send(last.take())
        if pipe is not last:
            if self._are_unread():
                self._mark(0)
        self._last = pipe
        pipe.run = run

    def _others_have_printed(self, pipe: _TextPipe) -> bool:
        """Whether a child or C code has written to the other pipe, as far as that can be known."""
        return _SEES_UNREAD and self._has_unread(self._pipes[2 - pipe.stream].descriptor)

    def _send_gathered(self) -> None:
        self._take_waiting()
        self._send(self._last.take())

    def _send(self, text: bytes) -> None:
        if not text:
            return
        pipe = self._last
        pipe.passed += len(text)
        if pipe.run == 0:
            write_all(pipe.descriptor, text)
            return
        self._mark(pipe.run)
        write_all(pipe.descriptor, text)
        self._mark(0)

    def _are_unread(self) -> bool:
        # Both: what the host has read of one may still wait there for what it has not read of the other.
        out, err = self._pipes
        return self._has_unread(out.descriptor) or self._has_unread(err.descriptor)

    def _mark(self, run: int) -> int:
        if not self._forked:
            self._epoch += 1
            mark = self._token + b"".join(n.to_bytes(4, "big") for n in (self._epoch, run, self.frames))
            for pipe in self._pipes:
                write_all(pipe.descriptor, mark)
        return self._epoch


class _TextPipe:
    """One of the pipes with the text that was not sent yet."""

    def __init__(self, stream: int, memory: mmap.mmap) -> None:
        # 1 or 2.
        self.stream = stream
        # A copy of our own: code may close or redirect 1 and 2, which is then meant for what it starts.
        self.descriptor = os.dup(stream)
        # Whose text it is: 0 for the run under way.
        self.run = 0
        # Whether text waits for the tick; otherwise for the end of its line.
        self.gathers = False
        # Lines and bytes that were sent since the last tick.
        self.lines = self.passed = 0
        self.use(memory)

    def use(self, memory: mmap.mmap) -> None:
        """Put text into ``memory`` from now on."""
        self._memory = memory
        # All in C, and so whole whatever other threads do. Raises ValueError where there is no room.
        self.put = memory.write
        self.clear()

    def is_empty(self) -> bool:
        return self._memory.tell() == self._sent

    def has_room(self, data: bytes) -> bool:
        return len(data) <= _REGION - self._memory.tell()

    def take(self) -> bytes:
        """What was put there since the last time."""
        start, end = self._sent, self._memory.tell()
        # Before it is sent: what a kill cuts off then looks like an earlier kill, and nothing comes twice.
        self._note_sent(end)
        return self._memory[start:end]

    def clear(self) -> None:
        """Begin anew, once everything was taken."""
        self._memory[_HEADER:] = _BLANK * (_REGION - _HEADER)
        self._memory.seek(_HEADER)
        self._note_sent(_HEADER)

    def _note_sent(self, end: int) -> None:
        self._sent = end
        self._memory[:_HEADER] = end.to_bytes(_HEADER, "little")


class _TextBuffer(io.BufferedIOBase):
    """What a text stream writes to."""

    def __init__(self, pipes: TextPipes, pipe: _TextPipe) -> None:
        self._pipes = pipes
        self._pipe = pipe
        # Whether a line was gathered, which the text stream flushes next.
        self._has_line = False

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        # What a child process is to inherit.
        return self._pipe.stream

    def write(self, data: Any) -> int:  # type: ignore[override]
        pipe = self._pipe
        if pipe.gathers:
            self._has_line = data[-1:] == b"\n"
            try:
                return pipe.put(data)
            except ValueError:
                # It is full.
                pass
        taken = data if type(data) is bytes else memoryview(data).tobytes()
        self._pipes.write(pipe, taken)
        return len(taken)

    def flush(self) -> None:
        if self._has_line and self._pipe.gathers:
            self._has_line = False
        elif not self._pipe.is_empty():
            self._pipes.send()

    @property
    def name(self) -> str:
        return "<stdout>" if self._pipe.stream == 1 else "<stderr>"


def write_all(descriptor: int, data: bytes) -> None:
    """Write ``data`` to its end, however much the other end takes at a time."""
    written = os.write(descriptor, data)
    if written < len(data):
        rest = memoryview(data)
        while written < len(rest):
            written += os.write(descriptor, rest[written:])


def _map(memory: int, place: int) -> mmap.mmap:
    try:
        return mmap.mmap(memory, _REGION, offset=place * _REGION)
    except (OSError, ValueError):
        # The host could not make a file: then nobody else sees it.
        return mmap.mmap(-1, _REGION)


def _unread_counter(descriptor: int) -> Callable[[int], bool]:
    """A function that says whether the other end of a pipe may have left bytes unread."""
    if not _SEES_UNREAD:
        return lambda _: True
    import stat
    from fcntl import ioctl

    is_socket = stat.S_ISSOCK(os.fstat(descriptor).st_mode)
    # TIOCOUTQ and FIONREAD; of a pipe, both of its ends know how much there is to read.
    request = 0x5411 if is_socket else 0x541B
    nothing = bytes(4)
    return lambda pipe: ioctl(pipe, request, nothing) != nothing


def _before_children(action: Callable[[], None]) -> None:
    """Call ``action`` before each start of another process that may print."""
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(before=action)
    for name in ("system", "posix_spawn", "posix_spawnp"):
        if hasattr(os, name):
            setattr(os, name, _preceded(getattr(os, name), action))

    def follow(subprocess: Any) -> None:
        subprocess.Popen.__init__ = _preceded(subprocess.Popen.__init__, action)

    when_imported("subprocess", follow)


def _preceded(function: Any, action: Callable[[], None]) -> Any:
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        action()
        return function(*args, **kwargs)

    for name in ("__module__", "__name__", "__qualname__", "__doc__"):
        setattr(wrapper, name, getattr(function, name))
    wrapper.__wrapped__ = function  # type: ignore[attr-defined]
    return wrapper
