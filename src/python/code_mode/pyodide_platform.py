"""The platform of Pyodide: a worker thread whose JavaScript side moves the frames."""

from __future__ import annotations

import asyncio
import io
import json
import random
import signal
import sys
import time
from collections import deque
from typing import Any, Callable, Optional, Sequence, TextIO

from . import blocking
from .host import Host
from .platform import Platform
from .runner import Runner
from .streams import current_run, flush_streams

# The signal that stands for "flush your output": the host's thread raises it while a run goes on.
_FLUSH_SIGNAL = 14


class PyodidePlatform(Platform):
    """``bridge`` is the worker's JavaScript object; see ``runtime/worker.ts``."""

    def __init__(self, bridge: Any) -> None:
        # Looked up once: each look-up of a JavaScript object's attribute makes a new proxy.
        self._send = bridge.send
        self._receive = bridge.receive
        self._flush_text = bridge.flush
        self._wait = bridge.wait
        self._set_output_run = bridge.setOutputRun
        self._interrupted_run = bridge.interruptedRun
        self._idle = bridge.idle
        self._version = bridge.pyodideVersion
        # The run that output is taken for; the worker's JavaScript side holds the same number.
        self._output_run = 0
        # What arrived while code waited for replies.
        self._postponed: deque[tuple[dict[str, Any], list[bytes]]] = deque()
        self._host: Optional[Host] = None
        signal.signal(_FLUSH_SIGNAL, lambda *_: self._flush())
        self._follow_tasks()

    def send(self, header: str, buffers: Sequence[bytes], after_output: bool = False) -> None:
        # The worker keeps output and frames in one order, always.
        self._send(header, *buffers)

    def call(self, call: int, header: str, buffers: Sequence[bytes]) -> tuple[dict[str, Any], list[bytes]]:
        self._send(header, *buffers)
        while True:
            message = self._next_message()
            # Woken by something else, such as an interrupt.
            if message is None:
                continue
            received, payload = message
            if received["type"] == "reply" and received["id"] == call:
                return message
            self._take(received, payload)

    def answer_waiting_loops(self, host: Host) -> None:
        """Let a loop that runs inside of code get the replies to its calls, which the session's loop would get."""
        self._host = host
        blocking.wait_for_answers = self._wait_for_replies

    def _wait_for_replies(self, timeout: Optional[float]) -> bool:
        if self._host is None or not self._host.awaits_replies:
            return blocking.wait_for_timers(timeout)
        if timeout != 0:
            self._flush()
        message = self._next_message(None if timeout is None else timeout * 1000)
        if message is not None:
            self._take(*message)
        return True

    def _next_message(self, milliseconds: Optional[float] = None) -> Optional[tuple[dict[str, Any], list[bytes]]]:
        """Wait for a message of the host. None where something else came, or the time is over."""
        message = self._receive(milliseconds)
        if message is None:
            return None
        return json.loads(message.header), [message.buffer(index).to_bytes() for index in range(message.count)]

    def _take(self, header: dict[str, Any], payload: list[bytes]) -> None:
        if header["type"] == "reply" and self._host is not None:
            self._host.settle(header, payload)
        else:
            self._postponed.append((header, payload))

    def take_postponed(self) -> Optional[tuple[dict[str, Any], list[bytes]]]:
        """The next message that arrived while code waited, if there is one."""
        return self._postponed.popleft() if self._postponed else None

    def event_loop(self) -> asyncio.AbstractEventLoop:
        return asyncio.get_event_loop()

    def open_streams(self) -> tuple[TextIO, TextIO]:
        # All in C down to the worker's write handler, which makes a print as fast as Pyodide's own.
        return _text_stream(1), _text_stream(2)

    def output_belongs_to(self, run: int) -> None:
        if run != self._output_run:
            # What has left Python already is the earlier run's by the number beside it.
            flush_streams()
            self._output_run = run
            self._set_output_run(run)

    def idle(self) -> None:
        self._idle()

    def _follow_tasks(self) -> None:
        """Let what a task prints be its own run's output, whichever run is under way."""
        run_handle = asyncio.Handle._run

        def run_as_own_output(handle: Any) -> None:
            self.output_belongs_to(handle._context.get(current_run, 0))
            run_handle(handle)
            self._flush()

        asyncio.Handle._run = run_as_own_output  # type: ignore[method-assign]

    def _flush(self) -> None:
        flush_streams()
        self._flush_text()

    def interrupted_run(self) -> int:
        return self._interrupted_run()

    def describe(self) -> str:
        version = ".".join(map(str, sys.version_info[:3]))
        return f"Pyodide {self._version}, Python {version}"

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
            self._wait(min(remaining, 2_000_000) * 1000)


def _text_stream(descriptor: int) -> TextIO:
    # A lone surrogate, which UTF-8 cannot carry, is written as its escape.
    return io.TextIOWrapper(
        io.BufferedWriter(io.FileIO(descriptor, "w", closefd=False)),
        encoding="utf-8",
        errors="backslashreplace",
        line_buffering=True,
    )


def start(bridge: Any) -> Callable[..., bool]:
    """Begin the session and return the function that handles a message.

    ``dispatch(header, *buffers)`` says whether a run goes on after it.

    Called after the snapshot was restored, so that nothing of one session is in another.
    """
    # A snapshot freezes the generator's state: without this, every session would draw the same numbers.
    random.seed()
    platform = PyodidePlatform(bridge)
    time.sleep = platform.sleep  # type: ignore[assignment]
    runner = Runner(platform)
    platform.answer_waiting_loops(runner.host)
    runner.start()
    # What ends a background task is not to end the event loop with it.
    loop: Any = asyncio.get_event_loop()
    loop._keyboard_interrupt_handler = lambda *_: None
    loop._system_exit_handler = lambda *_: None

    def dispatch(header: str, *buffers: Any) -> bool:
        goes_on = runner.dispatch(json.loads(header), [buffer.to_bytes() for buffer in buffers])
        while (postponed := platform.take_postponed()) is not None:
            goes_on = runner.dispatch(*postponed)
        return goes_on

    return dispatch
