"""What the package needs from the interpreter that it runs in."""

from __future__ import annotations

from abc import ABC, abstractmethod

TYPE_CHECKING = False
if TYPE_CHECKING:
    import asyncio
    from typing import Any, Sequence, TextIO


class Platform(ABC):
    """One way to move messages and to wait: Pyodide's worker thread, or pipes of CPython."""

    # Whether ``asyncio.run`` and its like work while the session has an event loop of its own.
    nests_event_loops = False

    @abstractmethod
    def send(self, header: str, buffers: Sequence[bytes], after_output: bool = False) -> None:
        """Send one frame to the host, in order; blocks while the host cannot take more.

        ``header`` is JSON text in ASCII, ``buffers`` follow it as raw bytes. With ``after_output`` the host
        sees it after everything that was printed before, and before everything that is printed later.
        """

    @abstractmethod
    def call(self, call: int, header: str, buffers: Sequence[bytes]) -> tuple[dict[str, Any], list[bytes]]:
        """Send the frame of call ``call`` and block until its reply is there: the reply's header and buffers.

        What an interrupt raises comes out of it. Any thread may call.
        """

    @abstractmethod
    def open_streams(self) -> tuple[TextIO, TextIO]:
        """New text streams for ``sys.stdout`` and ``sys.stderr``.

        What is written to them reaches the host as output of the run that :meth:`output_belongs_to` named
        or, in a task, of the run that started the task; within some tens of milliseconds, also while code
        is busy, and also when the interpreter is killed.
        """

    @abstractmethod
    def output_belongs_to(self, run: int) -> None:
        """From now on, output is the output of ``run``."""

    @abstractmethod
    def event_loop(self) -> asyncio.AbstractEventLoop:
        """The one event loop of the session, made when it is first asked for."""

    def begin_run(self) -> None:
        """The code of a run begins."""

    def make_room(self) -> None:
        """Give back the memory that is kept for telling that there is none left."""

    def end_run(self) -> None:
        """The code of a run has ended."""

    @abstractmethod
    def idle(self) -> None:
        """A run that awaited has ended, and all its output was flushed."""

    def interrupt_is_heard(self) -> None:
        """The handler of interrupts was called."""

    @abstractmethod
    def interrupted_run(self) -> int:
        """The id of the run that the newest interrupt was meant for; 0 if there was none."""

    def defers_interrupt(self, frame: Any) -> bool:
        """Whether an interrupt would tear a message that ``frame`` sends; then it is raised again right after it."""
        return False

    def is_callback(self, frame: Any) -> bool:
        """Whether ``frame`` is where the event loop calls a task or callback, and what that raises comes out of it."""
        return False

    def is_forked(self) -> bool:
        """Whether this is a child that user code forked: it has the variables, but not the connection."""
        return False

    @abstractmethod
    def describe(self) -> str:
        """The interpreter in a few words for the status item, such as ``CPython 3.12.4``."""
