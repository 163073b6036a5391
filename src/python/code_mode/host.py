"""Messages to and from the host: replies, events, and calls that Python makes back."""

from __future__ import annotations

from itertools import count

from .json_text import dumps
from .streams import own_run

TYPE_CHECKING = False
if TYPE_CHECKING:
    import asyncio
    from typing import Any, Callable, Sequence

    from .platform import Platform


class Host:
    """The other end of the connection as Python code sees it."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        # Any thread may call: the next number is taken in one step.
        self._numbers = count(1)
        self._awaited: dict[int, asyncio.Future[tuple[Any, list[bytes]]]] = {}
        # Called before anything that blocks, so that what was printed is seen meanwhile.
        self.before_blocking: Callable[[], None] = lambda: None

    def send(self, header: dict[str, Any], buffers: Sequence[bytes] = (), after_output: bool = False) -> None:
        """Send one message; see :meth:`Platform.send`."""
        self._platform.send(dumps(header), buffers, after_output)

    def call(
        self, method: str, params: dict[str, Any], buffers: Sequence[bytes] = ()
    ) -> tuple[Any, list[bytes]]:
        """Call the host and wait for ``(result, buffers)``; raises what the host's error stands for."""
        self.before_blocking()
        call = next(self._numbers)
        # Sent inside: an interrupt may come as soon as the host has the call, which it then has to hear of.
        try:
            return _outcome(*self._platform.call(call, self._call_header(call, method, params), buffers))
        except BaseException as error:
            if not isinstance(error, Exception):
                self.send({"type": "cancel", "id": call})
            raise

    async def call_async(
        self, method: str, params: dict[str, Any], buffers: Sequence[bytes] = ()
    ) -> tuple[Any, list[bytes]]:
        """Call the host and await ``(result, buffers)``; other tasks go on meanwhile."""
        import asyncio

        call = next(self._numbers)
        future = asyncio.get_running_loop().create_future()
        # Before it is sent: to a thread with an event loop of its own, the reply may come at once.
        self._awaited[call] = future
        self._platform.send(self._call_header(call, method, params), buffers)
        try:
            return await future
        except asyncio.CancelledError:
            self.send({"type": "cancel", "id": call})
            raise
        finally:
            self._awaited.pop(call, None)

    @property
    def awaits_replies(self) -> bool:
        """Whether a task awaits the reply of a call."""
        return bool(self._awaited)

    def settle(self, header: dict[str, Any], buffers: list[bytes]) -> None:
        """Hand a reply to the task that awaits it; one that nobody awaits any more is dropped."""
        future = self._awaited.get(header["id"])
        if future is not None:
            _settle(future, header, buffers)

    def settle_from_thread(self, header: dict[str, Any], buffers: list[bytes]) -> None:
        """As :meth:`settle`, from a thread that runs no event loop: the task's own may stand in a blocking call."""
        future = self._awaited.get(header["id"])
        if future is None:
            return
        try:
            future.get_loop().call_soon_threadsafe(_settle, future, header, buffers)
        except RuntimeError:
            # That loop is closed.
            pass

    def _call_header(self, call: int, method: str, params: dict[str, Any]) -> str:
        header = {"type": "call", "id": call, "run": own_run(), "method": method, "params": params}
        return dumps(header)


def _settle(future: asyncio.Future[tuple[Any, list[bytes]]], header: dict[str, Any], buffers: list[bytes]) -> None:
    if future.done():
        return
    try:
        future.set_result(_outcome(header, buffers))
    except Exception as error:
        future.set_exception(error)


def _outcome(header: dict[str, Any], buffers: list[bytes]) -> tuple[Any, list[bytes]]:
    error = header.get("error")
    if error is not None:
        from .errors import from_host

        raise from_host(error["code"], error["message"], error.get("hint"))
    if None in buffers:
        raise MemoryError("The host's answer needs more memory than is left.")
    return header.get("result"), buffers
