"""The platform of CPython: frames over two pipes, text over the standard streams' own pipes.

A thread of ours reads what the host sends, so that an interrupt is heard while code computes and the end of
the host is noticed.
"""

from __future__ import annotations

import _signal as signal
import _thread
import gc
import io
import os
import sys
import time
from _queue import SimpleQueue

from .imports import when_imported
from .json_text import loads
from .platform import Platform
from .runner import Runner
from .streams import current_run, flush_streams, under_way
from .text_pipes import TextPipes, write_all

TYPE_CHECKING = False
if TYPE_CHECKING:
    import asyncio
    from types import ModuleType
    from typing import Any, NoReturn, Optional, Sequence, TextIO

    from .host import Host
    from .limits import CpuLimit, MemoryReserve

_Message = "tuple[dict[str, Any], list[bytes]]"

# Descriptors beside the standard three; `launch.ts` has the same numbers.
INPUT = 3
OUTPUT = 4
LIFELINE = 5
UNSENT_TEXT = 6

# Seconds after which an interrupt that came to nothing is repeated, or passed on to the programs that Python started.
_HEARD_WITHIN = 0.1

# Linux's number of the command, which the module has no name for.
_F_SETSIG = 10


class _ForkedError(RuntimeError):
    def __init__(self) -> None:
        super().__init__(
            "This is a forked process: tools, workflows, artifacts, deps, display and input are its parent's alone."
        )


class CPythonPlatform(Platform):
    """``token`` begins each mark; ``label`` names the environment for the status item."""

    # Set once there is code to limit.
    cpu_limit: Optional[CpuLimit] = None
    memory_reserve: Optional[MemoryReserve] = None

    nests_event_loops = True

    def __init__(self, token: bytes, label: str) -> None:
        self._label = label
        self._main_thread = _thread.get_ident()
        self._reading_thread = 0
        self._inbox: SimpleQueue[Optional[_Message]] = SimpleQueue()
        self._replies: dict[int, SimpleQueue[Optional[_Message]]] = {}
        self._interrupted = 0
        # Whether its handler was called for the newest interrupt, and whether what it raised came to nothing.
        self._is_heard = self._is_ignored = False
        self._loop: Optional[asyncio.AbstractEventLoop] = None
        self._waits_in_loop = False
        self._ends = False
        self._forked = False
        self._sending = _thread.RLock()
        # Whether an interrupt came where it could not be raised; see defers_interrupt.
        self._interrupt_waits = False
        for descriptor in (INPUT, OUTPUT, LIFELINE):
            os.set_inheritable(descriptor, False)
        self.pipes = TextPipes(self, token, UNSENT_TEXT)
        self._follow_ignored()
        when_imported("asyncio", self._follow_asyncio)
        when_imported("threading", self._follow_threads)
        when_imported("multiprocessing", _fork_by_default)
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(before=_before_fork, after_in_child=self._after_fork)

    # ------------------------------------------------------------------ messages

    def send(self, header: str, buffers: Sequence[bytes], after_output: bool = False) -> None:
        self._send(header, buffers, after_output, before_output=after_output and under_way.run != 0)

    def _send(self, header: str, buffers: Sequence[bytes], after_output: bool, before_output: bool) -> None:
        if self._forked:
            raise _ForkedError
        if self._sending._is_owned():
            raise RuntimeError("A signal handler or finalizer that comes in the middle of a message can send none.")
        try:
            epoch = self.pipes.mark_if_pending() if after_output else None
            fields = "" if epoch is None else f', "epoch": {epoch}'
            if buffers:
                fields += f', "buffers": [{", ".join(str(len(buffer)) for buffer in buffers)}]'
            head = (f"{header[:-1]}{fields}}}" if fields else header).encode("ascii")
            with self._sending:
                self.pipes.frames += 1
                write_all(OUTPUT, len(head).to_bytes(4, "big") + head)
                for buffer in buffers:
                    write_all(OUTPUT, buffer)
            if before_output:
                self.pipes.mark_after_frame(OUTPUT)
        except OSError as error:
            self._end_disconnected(error)
        finally:
            self.raise_deferred()

    def call(self, call: int, header: str, buffers: Sequence[bytes]) -> _Message:
        if _thread.get_ident() == self._reading_thread:
            raise RuntimeError("A finalizer that runs while a message is read cannot wait for another one.")
        slot: SimpleQueue[Optional[_Message]] = SimpleQueue()
        self._replies[call] = slot
        try:
            # What is printed next comes after the reply, and so after the call.
            self._send(header, buffers, after_output=True, before_output=False)
            while True:
                message = slot.get()
                # Woken without a message: where a wait can't be interrupted, the signal is handled now.
                if message is not None:
                    return message
        finally:
            self._replies.pop(call, None)

    def serve(self, runner: Runner) -> None:
        """Handle messages until the host asks for the end."""
        while not self._ends:
            try:
                message = self._next_message()
                if message is not None:
                    runner.dispatch(*message)
            except BaseException as error:
                # It came out of the event loop, by a task or a signal handler, which is not to end the session.
                runner.break_in(error)

    def _next_message(self) -> Optional[_Message]:
        loop = self._loop
        if loop is None:
            asyncio = sys.modules.get("asyncio")
            if asyncio is None:
                return self._inbox.get()
            # Another thread has imported it; the loop is this thread's.
            self._follow_asyncio(asyncio)
            return None
        self._waits_in_loop = True
        try:
            # Looked at after the flag is set: what came before it has woken nobody.
            if self._inbox.empty():
                loop.run_forever()
        finally:
            self._waits_in_loop = False
        return None if self._inbox.empty() else self._inbox.get()

    def read(self, host: Host) -> None:
        """Read what the host sends; runs on a thread of its own until the host's end."""
        self._reading_thread = _thread.get_ident()
        try:
            self._read_frames(io.BufferedReader(io.FileIO(INPUT, closefd=False), 65_536), host)
        except BaseException as error:
            # Out of step with the host, or out of memory: nothing that follows could be understood.
            os.write(self.pipes.complaints, f"reading from the host failed: {error!r}\n".encode())
        finally:
            _end_process_group()

    def _read_frames(self, stream: io.BufferedReader, host: Host) -> None:
        while True:
            length = stream.read(4)
            if len(length) < 4:
                return
            header = loads(stream.read(int.from_bytes(length, "big")).decode())
            buffers = [_read_buffer(stream, size) for size in header.get("buffers", ())]
            kind = header["type"]
            if kind == "reply":
                slot = self._replies.get(header["id"])
                if slot is None:
                    host.settle_from_thread(header, buffers)
                else:
                    slot.put((header, buffers))
            elif kind == "flush":
                self.pipes.tick()
            else:
                if kind == "interrupt":
                    self._raise_interrupt(header["run"])
                self._ends = self._ends or kind == "end"
                self._post((header, buffers) if kind != "end" else None)

    def _post(self, message: Optional[_Message]) -> None:
        self._inbox.put(message)
        loop = self._loop
        if self._waits_in_loop and loop is not None:
            loop.call_soon_threadsafe(loop.stop)

    # ------------------------------------------------------------------ interrupts

    def _raise_interrupt(self, run: int) -> None:
        self._interrupted = run
        if run != under_way.run:
            # It has not begun, and will see this first, or it is over.
            return
        if hasattr(signal, "pthread_kill"):
            self._is_heard = self._is_ignored = False
            # To the main thread itself, where it ends a blocking system call as well.
            signal.pthread_kill(self._main_thread, signal.SIGINT)
            _thread.start_new_thread(self._see_interrupt_through, (run,))
            return
        signal.raise_signal(signal.SIGINT)
        # On Windows a wait for a lock goes on; these come back without a message.
        for slot in list(self._replies.values()):
            slot.put(None)

    def _see_interrupt_through(self, run: int) -> None:
        """Repeat an interrupt that Python has ignored, and pass one on that was not heard.

        ``os.system`` does not hear of it and waits for its program to end by it. Others have their children to
        themselves: the workers of a pool that is to be ended must not end by themselves meanwhile.
        """
        time.sleep(_HEARD_WITHIN)
        if under_way.run != run:
            return
        if self._is_ignored:
            self._raise_interrupt(run)
        elif not self._is_heard:
            os.killpg(os.getpgrp(), signal.SIGINT)

    def _follow_ignored(self) -> None:
        """Notice an interrupt that came where Python shows exceptions and goes on: in finalizers and around a fork."""
        show = sys.unraisablehook

        def notice(unraisable: Any) -> None:
            if unraisable.exc_type is KeyboardInterrupt and self._interrupted == under_way.run != 0:
                self._is_ignored = True
            else:
                show(unraisable)

        sys.unraisablehook = notice

    def interrupt_is_heard(self) -> None:
        self._is_heard = True

    def interrupted_run(self) -> int:
        return self._interrupted

    def defers_interrupt(self, frame: Any) -> bool:
        if frame.f_code is CPythonPlatform.raise_deferred.__code__:
            return False
        while frame is not None:
            if frame.f_code in _UNDIVIDED:
                self._interrupt_waits = True
                return True
            frame = frame.f_back
        return False

    def is_callback(self, frame: Any) -> bool:
        events = sys.modules.get("asyncio.events")
        return events is not None and frame.f_code is events.Handle._run.__code__

    def raise_deferred(self) -> None:
        """Raise the interrupt that came in the middle of what is done now."""
        if self._interrupt_waits:
            self._interrupt_waits = False
            signal.raise_signal(signal.SIGINT)

    # ------------------------------------------------------------------ output

    def open_streams(self) -> tuple[TextIO, TextIO]:
        return self.pipes.open(1), self.pipes.open(2)

    def prints_alone(self) -> bool:
        """Whether only the code of the run under way prints: on the main thread, with no other task or thread."""
        return (
            under_way.run != 0
            and not self._forked
            and _thread.get_ident() == self._main_thread
            # The one that reads.
            and _thread._count() == 1
            and (self._loop is None or not self._loop.is_running())
        )

    def output_belongs_to(self, run: int) -> None:
        # Text without a mark is that of the run under way, which the host knows.
        pass

    def begin_run(self) -> None:
        if self.memory_reserve is not None:
            self.memory_reserve.take()
        if self.cpu_limit is not None:
            self.cpu_limit.begin()

    def end_run(self) -> None:
        self.pipes.calm()
        if self.cpu_limit is not None:
            self.cpu_limit.end()

    def make_room(self) -> None:
        if self.memory_reserve is not None:
            self.memory_reserve.give_back()

    def idle(self) -> None:
        pass

    # ------------------------------------------------------------------ threads

    def _follow_threads(self, threading: Any) -> None:
        """Let what a thread prints be the output of the run that started it."""
        start = threading.Thread.start

        def start_in_own_run(thread: Any) -> None:
            self.pipes.calm()
            run = current_run.get()
            if run:

                def bootstrap() -> None:
                    # As it was, so that nothing of ours is kept by the thread, nor is in its tracebacks.
                    del thread._bootstrap
                    if self.cpu_limit is not None:
                        self.cpu_limit.leave_to_main_thread()
                    # Since Python 3.14 a thread has a context of its own before it begins.
                    context = getattr(thread, "_context", None)
                    if context is None:
                        current_run.set(run)
                    else:
                        context.run(current_run.set, run)
                    thread._bootstrap()

                thread._bootstrap = bootstrap
            start(thread)

        threading.Thread.start = start_in_own_run
        if sys.version_info < (3, 13):
            threading.excepthook = _show_error_of_thread

    # ------------------------------------------------------------------ the event loop

    def event_loop(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            # Its import makes the loop.
            import asyncio  # noqa: F401
        assert self._loop is not None
        return self._loop

    def _follow_asyncio(self, asyncio: Any) -> None:
        if _thread.get_ident() == self._main_thread:
            from .session_loop import create_session_loop

            self._loop = create_session_loop(asyncio, self.pipes.calm)

    # ------------------------------------------------------------------ the end

    def end_tasks(self) -> None:
        """Cancel the tasks of the event loop, and let them clean up, as at the end of ``asyncio.run``."""
        loop = self._loop
        asyncio = sys.modules.get("asyncio")
        tasks = asyncio.all_tasks(loop) if asyncio is not None and loop is not None else ()
        for task in tasks:
            task.cancel()
        if tasks:
            loop.run_until_complete(asyncio.wait(tasks))

    def _end_disconnected(self, error: OSError) -> NoReturn:
        """The host can be told nothing any more, or code has closed the descriptors that it did not open."""
        for descriptor in (self.pipes.complaints, 2):
            try:
                os.write(descriptor, f"The connection to the session is broken: {error}.\n".encode())
                break
            except OSError:
                pass
        os._exit(1)

    def is_forked(self) -> bool:
        return self._forked

    def _after_fork(self) -> None:
        self._forked = True
        self.pipes.after_fork()
        self._sending = _thread.RLock()
        for descriptor in (INPUT, OUTPUT, LIFELINE):
            os.close(descriptor)
        signal.signal(signal.SIGINT, signal.default_int_handler)

    def describe(self) -> str:
        version = ".".join(map(str, sys.version_info[:3]))
        if sys.version_info.releaselevel != "final":
            version += f"{sys.version_info.releaselevel[0]}{sys.version_info.serial}"
        return f"CPython {version} ({self._label})" if self._label else f"CPython {version}"


# What an interrupt must not leave in the middle; they raise it at their end.
_UNDIVIDED = {function.__code__ for function in (CPythonPlatform._send, TextPipes.write, TextPipes.send)}


def _read_buffer(stream: io.BufferedReader, size: int) -> Optional[bytes]:
    """Read ``size`` bytes; where there is no memory for them, pass over them and return None."""
    try:
        return stream.read(size)
    except MemoryError:
        while size > 0:
            passed = len(stream.read(min(size, 65_536)))
            size = size - passed if passed else 0
        return None


def _show_error_of_thread(error: Any) -> None:
    """What ``threading.excepthook`` does since Python 3.13; before, it shows the lines of real files alone."""
    if error.exc_type is SystemExit:
        return
    from traceback import format_exception

    name = _thread.get_ident() if error.thread is None else error.thread.name
    lines = format_exception(error.exc_type, error.exc_value, error.exc_traceback)
    sys.stderr.write(f"Exception in thread {name}:\n{''.join(lines)}")


def _fork_by_default(_multiprocessing: Any) -> None:
    """Start the processes of ``multiprocessing`` on Linux by a fork, as before Python 3.14.

    What a cell defines exists in this process alone: no other start method could give it to a worker. One that
    code asks for or sets is what it gets.
    """
    from multiprocessing.context import _default_context as default

    if default._default_context.get_start_method() == "forkserver":
        default._default_context = default.get_context("fork")


def _before_fork() -> None:
    """Python warns of forks in programs with threads; ours holds no lock that a child would wait for."""
    import warnings

    if sys.version_info >= (3, 12):
        warnings.filterwarnings("ignore", message=".*multi-threaded, use of fork", category=DeprecationWarning)


def _end_process_group() -> NoReturn:
    """The host is gone: nothing of this session is to outlive it, whatever its threads are doing."""
    if hasattr(os, "killpg"):
        os.killpg(0, signal.SIGKILL)
    os._exit(0)


def _lead_process_group() -> None:
    """Have a group of our own, for interrupts, where the one that we were started in has its leader outside."""
    if hasattr(os, "getpgrp") and os.getpgrp() == 0:
        os.setpgid(0, 0)


def _hang_on_lifeline() -> None:
    """Let the kernel end the process group with the host, also while C code keeps every thread from running."""
    if not sys.platform.startswith("linux"):
        # The reading thread has to notice.
        return
    import fcntl

    fcntl.fcntl(LIFELINE, fcntl.F_SETOWN, -os.getpgrp())
    fcntl.fcntl(LIFELINE, _F_SETSIG, signal.SIGKILL)
    fcntl.fcntl(LIFELINE, fcntl.F_SETFL, fcntl.fcntl(LIFELINE, fcntl.F_GETFL) | os.O_ASYNC)


def _open_as_binary() -> None:
    """On Windows, a descriptor may be one of text, whose line ends are changed."""
    if sys.platform == "win32":
        import msvcrt

        for descriptor in (1, 2, INPUT, OUTPUT):
            msvcrt.setmode(descriptor, os.O_BINARY)


def _leave() -> NoReturn:
    """End as a program ends: exit handlers, threads that are no daemons, files that are still open."""
    import atexit

    threading = sys.modules.get("threading")
    if threading is not None:
        threading._shutdown()
    atexit._run_exitfuncs()
    main = sys.modules.get("__main__")
    if main is not None:
        main.__dict__.clear()
    gc.collect()
    flush_streams()
    os._exit(0)


def main(configuration: str) -> NoReturn:
    """Serve the host that started this process; see ``src/python/start_cpython.py``.

    ``configuration`` is JSON: ``token`` (hex), ``label``, and the limits ``memory`` (bytes) and ``cpu``
    (seconds), each 0 where there is none.
    """
    options = loads(configuration)
    _lead_process_group()
    _hang_on_lifeline()
    _open_as_binary()
    platform = CPythonPlatform(bytes.fromhex(options["token"]), options["label"])
    runner = Runner(platform)
    limits = {"memory": False, "cpu": False}
    if options["memory"]:
        # What tells of a MemoryError is there before there is none left to import it.
        from . import tracebacks  # noqa: F401
        from .limits import MemoryReserve, limit_memory

        limits["memory"] = limit_memory(options["memory"])
        if limits["memory"]:
            platform.memory_reserve = MemoryReserve()
    if options["cpu"]:
        from .limits import CpuLimit

        platform.cpu_limit = CpuLimit(options["cpu"], runner.stop)
        limits["cpu"] = platform.cpu_limit.is_kept
    _thread.start_new_thread(platform.read, (runner.host,))
    runner.start(limits=limits)
    # While the host hears that: by itself, the interpreter would show the lines of warnings from real files alone.
    import warnings  # noqa: F401

    platform.serve(runner)
    platform.end_tasks()
    _leave()
