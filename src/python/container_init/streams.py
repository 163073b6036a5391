"""Streams of bytes that are read and written as far as they go, so that nobody waits for anybody."""

from __future__ import annotations

import os
import select
from _collections import deque

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Callable, Optional

# Bytes that are read at once.
PIECE = 262_144
# Bytes that wait for the host, from which on nothing more is read for it, and below which it is again.
_MOST_WAITING = 1_048_576
_FEW_WAITING = 262_144

# How often an answer is looked for before it is waited for: a tenth of a millisecond.
_LOOKS = 80

# What a piece is. Of the host: frames, a message of JSON, bytes of a tunnel's connection.
INPUT, CONTROL, TO_TUNNEL = 0, 1, 2
# Of ours: frames, text, a message of JSON, bytes of a tunnel's connection, and compiled modules.
OUTPUT, STDOUT, STDERR, REPORT, FROM_TUNNEL, COMPILED = 0, 1, 2, 3, 4, 5

_HEAD = 9


class Watch:
    """Calls what was asked for when a descriptor can be read or written."""

    def __init__(self) -> None:
        self._poll = select.epoll()
        self._actions: dict[int, Callable[[int], None]] = {}
        # What is read for the host: not while much waits for it.
        self._sources: set[int] = set()
        self._is_paused = False
        self._looks = 0

    def add(self, descriptor: int, action: Callable[[int], None], events: int = select.EPOLLIN) -> None:
        self._actions[descriptor] = action
        self._poll.register(descriptor, events)

    def add_source(self, descriptor: int, action: Callable[[int], None]) -> None:
        """Read ``descriptor`` while the host takes what is sent."""
        self._actions[descriptor] = action
        self._sources.add(descriptor)
        if not self._is_paused:
            self._poll.register(descriptor, select.EPOLLIN)

    def remove(self, descriptor: int) -> None:
        """Forget ``descriptor``, which is open still. Harmless where it is not known."""
        if self._actions.pop(descriptor, None) is None:
            return
        is_source = descriptor in self._sources
        self._sources.discard(descriptor)
        if not (is_source and self._is_paused):
            self._poll.unregister(descriptor)

    def pause(self, is_paused: bool) -> None:
        if is_paused == self._is_paused:
            return
        self._is_paused = is_paused
        for descriptor in self._sources:
            if is_paused:
                self._poll.unregister(descriptor)
            else:
                self._poll.register(descriptor, select.EPOLLIN)

    def expect(self) -> None:
        """Look out for an answer, which is often there before one could be woken for it."""
        self._looks = _LOOKS

    def step(self) -> None:
        """Wait until something can be done, and do it."""
        for descriptor, events in self._look() or self._poll.poll():
            # An earlier one may have removed it.
            action = self._actions.get(descriptor)
            if action is not None and not (self._is_paused and descriptor in self._sources):
                action(events)

    def _look(self) -> list[tuple[int, int]]:
        found: list[tuple[int, int]] = []
        while self._looks and not found:
            self._looks -= 1
            # Where there is one processor, it is the interpreter's.
            os.sched_yield()
            found = self._poll.poll(0)
        self._looks = 0
        return found

    def close(self) -> None:
        self._poll.close()


class Writer:
    """Writes to a descriptor without waiting. ``on_written`` is told of the bytes that went, ``on_broken`` of the end."""

    def __init__(
        self,
        watch: Watch,
        descriptor: int,
        on_written: Callable[[int], None],
        on_broken: Callable[[], None],
    ) -> None:
        os.set_blocking(descriptor, False)
        self._watch = watch
        self._descriptor = descriptor
        self._on_written = on_written
        self._on_broken = on_broken
        self._waiting: deque[memoryview] = deque()
        self.size = 0

    def write(self, *pieces: bytes) -> None:
        size = sum(map(len, pieces))
        if self._waiting:
            self._put(pieces, 0)
            return
        written = self._try(pieces)
        if written > 0 and self._descriptor >= 0:
            self._on_written(written)
        if written < size:
            self._put(pieces, written)
            if self._descriptor >= 0:
                self._watch.add(self._descriptor, self._on_ready, select.EPOLLOUT)

    def close(self) -> None:
        """Drop what waits, and close the descriptor."""
        if self._descriptor < 0:
            return
        if self._waiting:
            self._watch.remove(self._descriptor)
        self._waiting.clear()
        os.close(self._descriptor)
        self._descriptor = -1

    def _put(self, pieces: tuple[bytes, ...], passed: int) -> None:
        for piece in pieces:
            rest = memoryview(piece)[passed:]
            passed = max(0, passed - len(piece))
            if rest:
                self._waiting.append(rest)
                self.size += len(rest)

    def _try(self, pieces: tuple[bytes, ...]) -> int:
        try:
            written = os.writev(self._descriptor, pieces)
        except BlockingIOError:
            return 0
        except OSError:
            self.close()
            self._on_broken()
            return sum(map(len, pieces))
        return written

    def _on_ready(self, _events: int) -> None:
        # Some at a time: a system call takes no more than a thousand.
        while self._waiting:
            pieces = tuple(self._waiting[at] for at in range(min(64, len(self._waiting))))
            written = self._try(pieces)  # type: ignore[arg-type]
            if self._descriptor < 0:
                return
            if written == 0:
                return
            self.size -= written
            rest = written
            while self._waiting and rest >= len(self._waiting[0]):
                rest -= len(self._waiting.popleft())
            if rest:
                self._waiting[0] = self._waiting[0][rest:]
            if not self._waiting:
                self._watch.remove(self._descriptor)
            self._on_written(written)


class ToHost:
    """Pieces for the host, in the order in which they are sent."""

    def __init__(self, watch: Watch, descriptor: int, on_broken: Callable[[], None]) -> None:
        self._watch = watch
        self._writer = Writer(watch, descriptor, self._on_written, on_broken)

    def send(self, kind: int, owner: int, data: bytes) -> None:
        head = kind.to_bytes(1, "big") + owner.to_bytes(4, "big") + len(data).to_bytes(4, "big")
        writer = self._writer
        writer.write(head, data)
        if writer.size > _MOST_WAITING:
            self._watch.pause(True)

    def _on_written(self, _written: int) -> None:
        if self._writer.size < _FEW_WAITING:
            self._watch.pause(False)


class FromHost:
    """Takes the host's stream apart. ``accept`` gets pieces, the long ones in parts; ``on_control`` whole messages."""

    def __init__(
        self, accept: Callable[[int, int, bytes], None], on_control: Callable[[bytes], None]
    ) -> None:
        self._accept = accept
        self._on_control = on_control
        self._rest = b""
        # Of the piece that has begun: its kind, whose it is, and the bytes that are missing.
        self._kind = self._owner = 0
        self._missing: Optional[int] = None
        self._control: list[bytes] = []

    def take(self, data: bytes) -> None:
        if self._rest:
            data = self._rest + data
            self._rest = b""
        at = 0
        while True:
            if self._missing is None:
                if len(data) - at < _HEAD:
                    self._rest = data[at:]
                    return
                self._kind = data[at]
                self._owner = int.from_bytes(data[at + 1 : at + 5], "big")
                self._missing = int.from_bytes(data[at + 5 : at + _HEAD], "big")
                at += _HEAD
            part = data[at : at + self._missing]
            at += len(part)
            self._missing -= len(part)
            is_whole = self._missing == 0
            if self._kind == CONTROL:
                self._control.append(part)
                if is_whole:
                    message = b"".join(self._control)
                    self._control.clear()
                    self._missing = None
                    self._on_control(message)
            else:
                if is_whole:
                    self._missing = None
                if part or is_whole:
                    self._accept(self._kind, self._owner, part)
            if not is_whole:
                return
