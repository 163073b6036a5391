"""The platform of Pyodide: a worker thread whose JavaScript side moves the frames."""

from __future__ import annotations

import asyncio
import random
import signal
import sys
import time
from typing import Any, Callable, Optional, Sequence

from .platform import Platform
from .runner import Runner

# The signal that stands for "flush your output": the host's thread raises it while Python is busy.
_FLUSH_SIGNAL = 14
_FLUSH_DELAY_S = 0.025


class PyodidePlatform(Platform):
    """``bridge`` is the worker's JavaScript object; see ``runtime/worker.ts``."""

    def __init__(self, bridge: Any) -> None:
        self._bridge = bridge
        self._flushes: set[Callable[[], None]] = set()
        signal.signal(_FLUSH_SIGNAL, lambda *_: self._flush())

    def send(self, header: str, buffers: Sequence[bytes]) -> None:
        if not buffers:
            self._bridge.send(header)
        elif len(buffers) == 1:
            self._bridge.send(header, buffers[0])
        else:
            self._bridge.send(header, *buffers)

    def receive(self) -> Optional[tuple[str, list[bytes]]]:
        message = self._bridge.receive()
        if message is None:
            return None
        buffers = [message.buffer(index) for index in range(message.count)]
        return message.header, [buffer.to_bytes() for buffer in buffers]

    def request_flush(self, flush: Callable[[], None]) -> None:
        first = not self._flushes
        self._flushes.add(flush)
        if first:
            # Two clocks: the other thread's signal reaches code that computes, the event loop's timer code
            # that awaits.
            self._bridge.requestFlush()
            asyncio.get_event_loop().call_later(_FLUSH_DELAY_S, self._flush)

    def _flush(self) -> None:
        flushes, self._flushes = self._flushes, set()
        for flush in flushes:
            flush()

    def interrupted_run(self) -> int:
        return self._bridge.interruptedRun()

    def describe(self) -> str:
        version = ".".join(map(str, sys.version_info[:3]))
        return f"Pyodide {self._bridge.pyodideVersion}, Python {version}"

    def sleep(self, seconds: float, /) -> None:
        """``time.sleep`` that an interrupt ends and that leaves the processor alone."""
        if not isinstance(seconds, (int, float)):
            seconds = seconds.__index__() if hasattr(seconds, "__index__") else float(seconds)
        if seconds != seconds:
            raise ValueError("Invalid value NaN (not a number)")
        if seconds < 0:
            raise ValueError("sleep length must be non-negative")
        self._flush()
        deadline = time.monotonic() + seconds
        while True:
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                return
            # Comes back early when the host raises a signal, which Python handles before the next turn.
            self._bridge.wait(min(remaining, 2_000_000) * 1000)


def start(bridge: Any) -> Callable[..., None]:
    """Begin the session and return the function that handles a message: ``dispatch(header, *buffers)``.

    Called after the snapshot was restored, so that nothing of one session is in another.
    """
    # A snapshot freezes the generator's state: without this, every session would draw the same numbers.
    random.seed()
    platform = PyodidePlatform(bridge)
    time.sleep = platform.sleep  # type: ignore[assignment]
    runner = Runner(platform)
    runner.start()
    # What ends a background task is not to end the event loop with it.
    loop: Any = asyncio.get_event_loop()
    loop._keyboard_interrupt_handler = lambda *_: None
    loop._system_exit_handler = lambda *_: None

    def dispatch(header: str, *buffers: Any) -> None:
        runner.dispatch(header, [buffer.to_bytes() for buffer in buffers])

    return dispatch
