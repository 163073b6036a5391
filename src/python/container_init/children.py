"""The processes that are forked: interpreters, and what the host has looked up in one of its own."""

from __future__ import annotations

import os
import _signal as signal
import sys

from code_mode.json_text import dumps, loads

from .streams import INPUT, OUTPUT, PIECE, STDERR, STDOUT, Writer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, NoReturn

    from .streams import ToHost, Watch

# Bytes that an interpreter has taken before the host is told that it may send as many more; `window.ts` has more.
_TAKEN = 262_144
# Linux's number of the command that makes a pipe larger, which the module has no name for before Python 3.10.
_F_SETPIPE_SZ = 1031
# From here on, descriptors are in nobody's way.
_HIGH = 32
# Bytes for each of the two streams in the memory of unsent text; `text_pipes.py` has the same numbers.
_REGION = 65_536
_HEADER = 4
_BLANK = b"\xff"


class Child:
    """A forked process, and the pipes to it. ``begin`` is what it does; it never returns."""

    def __init__(
        self, number: int, watch: Watch, host: ToHost, tell: Callable[..., None], begin: Callable[[], NoReturn]
    ) -> None:
        self.number = number
        self._watch = watch
        self._host = host
        self._tell = tell
        self._taken = 0
        self._unsent = _shared_memory()
        input_end, to_child = os.pipe()
        from_output, output_end = os.pipe()
        from_stdout, stdout_end = os.pipe()
        from_stderr, stderr_end = os.pipe()
        lifeline_end, self._lifeline = os.pipe()
        for pipe in (to_child, from_output):
            _enlarge(pipe)
        self.pid = os.fork()
        if self.pid == 0:
            _become([os.open(os.devnull, os.O_RDONLY), stdout_end, stderr_end, input_end, output_end, lifeline_end, self._unsent], begin)
        for descriptor in (input_end, output_end, stdout_end, stderr_end, lifeline_end):
            os.close(descriptor)
        self._input = Writer(watch, to_child, self._on_taken, lambda: None)
        # Text before frames where both can be read.
        self._outputs = {from_stdout: STDOUT, from_stderr: STDERR, from_output: OUTPUT}
        for descriptor in self._outputs:
            os.set_blocking(descriptor, False)
            watch.add_source(descriptor, lambda _events, source=descriptor: self._read(source))

    def send(self, data: bytes) -> None:
        self._input.write(data)

    def kill(self) -> None:
        """Kill it with its process group."""
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            # Killed before it has a group.
            os.kill(self.pid, signal.SIGKILL)

    def finish(self) -> None:
        """Send what it has left, once it is gone."""
        for descriptor in list(self._outputs):
            while descriptor in self._outputs and self._read(descriptor):
                pass
            self._forget(descriptor)
        for kind, region in ((STDOUT, 0), (STDERR, 1)):
            memory = os.pread(self._unsent, _REGION, region * _REGION)
            sent, end = int.from_bytes(memory[:_HEADER], "little"), len(memory.rstrip(_BLANK))
            # Otherwise it had not begun, or its code has written there.
            if _HEADER <= sent < end:
                self._host.send(kind, self.number, memory[sent:end])
        os.close(self._unsent)
        os.close(self._lifeline)
        self._input.close()

    def _read(self, descriptor: int) -> bool:
        """Send what is there; whether there was something."""
        try:
            data = os.read(descriptor, PIECE)
        except BlockingIOError:
            return False
        if data:
            self._host.send(self._outputs[descriptor], self.number, data)
            return True
        self._forget(descriptor)
        return False

    def _forget(self, descriptor: int) -> None:
        if self._outputs.pop(descriptor, None) is not None:
            self._watch.remove(descriptor)
            os.close(descriptor)

    def _on_taken(self, size: int) -> None:
        self._taken += size
        if self._taken >= _TAKEN:
            self._tell("taken", self.number, bytes=self._taken)
            self._taken = 0


def interpreter(options: dict[str, Any]) -> Callable[[], NoReturn]:
    """What an interpreter does; ``options`` are the host's."""

    def begin() -> NoReturn:
        from code_mode.added_packages import use
        from code_mode.cpython_platform import main

        from .packages import ENVIRONMENT

        _enter(options)
        use(ENVIRONMENT)
        if not getattr(sys.flags, "safe_path", False):
            # Code finds what lies in its working folder.
            sys.path.insert(0, "")
        sys.argv[:] = [""]
        main(options["configuration"])

    return begin


def look_up(options: dict[str, Any]) -> Callable[[], NoReturn]:
    """Runs the host's own ``code`` with ``request``; what it sets as ``result`` is sent as JSON."""

    def begin() -> NoReturn:
        namespace: dict[str, Any] = {"request": options["request"], "result": None}
        exec(compile(options["code"], "<look-up>", "exec"), namespace)
        answer = dumps(namespace["result"]).encode("ascii")
        while answer:
            answer = answer[os.write(4, answer) :]
        os._exit(0)

    return begin


def _become(descriptors: list[int], begin: Callable[[], NoReturn]) -> NoReturn:
    """In the forked child: leave everything of the first process behind."""
    try:
        import fcntl

        os.setsid()
        for number in (signal.SIGCHLD, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.set_wakeup_fd(-1)
        # Where memory runs out, this is ended rather than the process that tells of it.
        _write_file("/proc/self/oom_score_adj", b"1000")
        # Out of the way first: some stand where others have to be.
        moved = [fcntl.fcntl(descriptor, fcntl.F_DUPFD, _HIGH) for descriptor in descriptors]
        for place, descriptor in enumerate(moved):
            os.dup2(descriptor, place, inheritable=place < 3)
        for descriptor in map(int, os.listdir("/proc/self/fd")):
            if descriptor >= len(moved):
                try:
                    os.close(descriptor)
                except OSError:
                    # The one by which they were listed.
                    pass
        begin()
    except BaseException:
        from traceback import format_exc

        os.write(2, format_exc().encode("utf-8", "replace"))
    finally:
        os._exit(1)


def _enter(options: dict[str, Any]) -> None:
    for name, value in options["environment"].items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
    for folder in (options["folder"], "/tmp", "/"):
        try:
            os.chdir(folder)
            return
        except OSError:
            pass


def _shared_memory() -> int:
    try:
        memory = os.memfd_create("unsent-text")
    except (AttributeError, OSError):
        # An old system: text that was not sent is then lost with its process.
        return os.open(os.devnull, os.O_RDWR)
    os.write(memory, _BLANK * (2 * _REGION))
    return memory


def _enlarge(pipe: int) -> None:
    import fcntl

    try:
        fcntl.fcntl(pipe, _F_SETPIPE_SZ, 1_048_576)
    except OSError:
        # Users may have so much of it and no more.
        pass


def _write_file(name: str, content: bytes) -> None:
    try:
        descriptor = os.open(name, os.O_WRONLY)
    except OSError:
        return
    try:
        os.write(descriptor, content)
    except OSError:
        pass
    os.close(descriptor)
