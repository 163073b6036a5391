"""The first process itself: one loop, which never waits for an interpreter."""

from __future__ import annotations

import gc
import os
import _signal as signal

from code_mode.json_text import dumps, loads

from .cgroup import ControlGroup
from .children import Child, interpreter, look_up
from .facts import facts
from .strays import kill_strays
from .streams import COMPILED, INPUT, PIECE, REPORT, TO_TUNNEL, FromHost, ToHost, Watch
from .tunnel import Tunnel

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, NoReturn, Optional


# The `signal` module would be a tenth of a start.
_SIGNALS = {number: name for name, number in vars(signal).items() if name.startswith("SIG") and name.isalnum()}


class Init:
    """``compiled`` is sent to the host first, for the next container of this image."""

    def __init__(self, compiled: Optional[bytes]) -> None:
        self._watch = Watch()
        self._host = ToHost(self._watch, os.dup(1), _end)
        # What prints by itself is not to get in between.
        os.dup2(2, 1)
        self._from_host = FromHost(self._accept, self._on_control)
        self._group = ControlGroup()
        self._kills = self._group.kills()
        self._tunnel = Tunnel(self._watch, self._host, self._tell)
        self._children: dict[int, Child] = {}
        self._compiled = compiled
        # Set by what the host asks for before anything is forked.
        self._is_prepared = False

    def serve(self) -> NoReturn:
        if self._compiled is not None:
            self._host.send(COMPILED, 0, self._compiled)
            self._compiled = None
        self._tell("hello", 0, facts=facts(self._group))
        self._watch.add(0, self._read_host)
        wakes, wake = os.pipe()
        for descriptor in (wakes, wake):
            os.set_blocking(descriptor, False)
        signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
        # What an engine's `stop` sends; the first process has to ask for it.
        signal.signal(signal.SIGTERM, lambda _number, _frame: os._exit(128 + signal.SIGTERM))
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        self._watch.add(wakes, lambda _events: self._reap(wakes))
        _prepare()
        while True:
            self._watch.step()

    def _read_host(self, _events: int) -> None:
        data = os.read(0, PIECE)
        if not data:
            # The host is gone, and with this process all others end.
            _end()
        self._from_host.take(data)

    def _accept(self, kind: int, owner: int, data: bytes) -> None:
        if kind == INPUT:
            child = self._children.get(owner)
            if child is not None:
                child.send(data)
                self._watch.expect()
        elif kind == TO_TUNNEL:
            self._tunnel.send(owner, data)

    def _on_control(self, message: bytes) -> None:
        options = loads(message.decode())
        kind, number = options["op"], options["id"]
        if kind == "start":
            self._start(number, interpreter(options))
        elif kind == "run":
            self._start(number, look_up(options))
        elif kind == "kill":
            child = self._children.get(number)
            if child is not None:
                child.kill()
        elif kind == "usage":
            self._tell("usage", number, usage=self._group.usage())
        elif kind == "listen":
            self._tunnel.listen(options["port"])
        elif kind == "taken":
            self._tunnel.taken(number, options["bytes"])
        elif kind == "disconnect":
            self._tunnel.disconnect(number)

    def _start(self, number: int, begin: Callable[[], NoReturn]) -> None:
        try:
            self._children[number] = Child(number, self._watch, self._host, self._tell, begin)
        except OSError as error:
            # No more processes, or no memory for one.
            self._tell("ended", number, code=None, signal=None, outOfMemory=False, problem=str(error))

    def _reap(self, wakes: int) -> None:
        try:
            os.read(wakes, 4096)
        except BlockingIOError:
            pass
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            for child in list(self._children.values()):
                if child.pid == pid:
                    self._end_child(child, status)

    def _end_child(self, child: Child, status: int) -> None:
        del self._children[child.number]
        try:
            os.killpg(child.pid, signal.SIGKILL)
        except OSError:
            pass
        kill_strays([other.pid for other in self._children.values()])
        child.finish()
        kills, self._kills = self._kills, self._group.kills()
        ended_by = os.WTERMSIG(status) if os.WIFSIGNALED(status) else None
        self._tell(
            "ended",
            child.number,
            code=os.WEXITSTATUS(status) if ended_by is None else None,
            signal=None if ended_by is None else _SIGNALS.get(ended_by, f"signal {ended_by}"),
            outOfMemory=ended_by == signal.SIGKILL and self._kills > kills,
            problem=None,
        )

    def _tell(self, kind: str, number: int, **entries: Any) -> None:
        self._host.send(REPORT, 0, dumps({"op": kind, "id": number, **entries}).encode("ascii"))


def _prepare() -> None:
    """Import what every interpreter needs, which it then has by its fork."""
    import code_mode.cpython_platform
    import code_mode.tracebacks  # noqa: F401

    _name_user()
    # Left alone by the collectors of interpreters, so that their memory stays ours.
    gc.freeze()


def _name_user() -> None:
    """Who has no entry in the image's list of users has no name, which libraries ask for."""
    import pwd

    try:
        pwd.getpwuid(os.getuid())
    except KeyError:
        os.environ.setdefault("USER", "python")


def _end() -> NoReturn:
    os._exit(0)
