"""What the package needs from the interpreter that it runs in."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Optional, Sequence, TextIO


class Platform(ABC):
    """One way to move messages and to wait: Pyodide's worker thread, or pipes of CPython."""

    @abstractmethod
    def send(self, header: str, buffers: Sequence[bytes]) -> None:
        """Send one frame to the host, in order; blocks while the host cannot take more.

        ``header`` is JSON text in ASCII, ``buffers`` follow it as raw bytes.
        """

    @abstractmethod
    def receive(self) -> Optional[tuple[str, list[bytes]]]:
        """Wait for the next message of the host and return its header text and buffers.

        Returns None when woken without a message, so that pending signals are handled by the caller's loop.
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
    def idle(self) -> None:
        """A run that awaited has ended, and all its output was flushed."""

    @abstractmethod
    def interrupted_run(self) -> int:
        """The id of the run that the newest interrupt was meant for; 0 if there was none."""

    @abstractmethod
    def describe(self) -> str:
        """The interpreter in a few words for the status item, such as ``CPython 3.12.4``."""
