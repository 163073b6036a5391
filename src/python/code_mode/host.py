"""Messages to and from the host: replies, events, and calls that Python makes back."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from typing import Any, Callable, Optional, Sequence

from .errors import from_host
from .platform import Platform
from .streams import current_run


class Host:
    """The other end of the connection as Python code sees it."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._next_call = 0
        self._awaited: dict[int, asyncio.Future[tuple[Any, list[bytes]]]] = {}
        # What arrived while a blocking call waited for its own reply.
        self._postponed: deque[tuple[dict[str, Any], list[bytes]]] = deque()
        # Called before anything that blocks, so that what was printed is seen meanwhile.
        self.before_blocking: Callable[[], None] = lambda: None

    def send(self, header: dict[str, Any], buffers: Sequence[bytes] = ()) -> None:
        """Send one message."""
        self._platform.send(json.dumps(header), buffers)

    def call(
        self, method: str, params: dict[str, Any], buffers: Sequence[bytes] = ()
    ) -> tuple[Any, list[bytes]]:
        """Call the host and wait for ``(result, buffers)``; raises what the host's error stands for."""
        self.before_blocking()
        call = self._new_id()
        # Sent inside: an interrupt may come as soon as the host has the call, which it then has to hear of.
        try:
            self._send_call(call, method, params, buffers)
            while True:
                message = self._platform.receive()
                if message is None:
                    continue
                header, received = json.loads(message[0]), message[1]
                if header["type"] == "reply" and header["id"] == call:
                    return _outcome(header, received)
                self._postponed.append((header, received))
        except BaseException as error:
            if not isinstance(error, Exception):
                self.send({"type": "cancel", "id": call})
            raise

    async def call_async(
        self, method: str, params: dict[str, Any], buffers: Sequence[bytes] = ()
    ) -> tuple[Any, list[bytes]]:
        """Call the host and await ``(result, buffers)``; other tasks go on meanwhile."""
        call = self._new_id()
        self._send_call(call, method, params, buffers)
        future = asyncio.get_running_loop().create_future()
        self._awaited[call] = future
        try:
            return await future
        except asyncio.CancelledError:
            self.send({"type": "cancel", "id": call})
            raise
        finally:
            self._awaited.pop(call, None)

    def take_postponed(self) -> Optional[tuple[dict[str, Any], list[bytes]]]:
        """The next message that arrived during a blocking call, if there is one."""
        return self._postponed.popleft() if self._postponed else None

    def settle(self, header: dict[str, Any], buffers: list[bytes]) -> None:
        """Hand a reply to the task that awaits it; one that nobody awaits any more is dropped."""
        future = self._awaited.get(header["id"])
        if future is None or future.done():
            return
        try:
            future.set_result(_outcome(header, buffers))
        except Exception as error:
            future.set_exception(error)

    def _new_id(self) -> int:
        self._next_call += 1
        return self._next_call

    def _send_call(self, call: int, method: str, params: dict[str, Any], buffers: Sequence[bytes]) -> None:
        header = {"type": "call", "id": call, "run": current_run.get(), "method": method, "params": params}
        self.send(header, buffers)


def _outcome(header: dict[str, Any], buffers: list[bytes]) -> tuple[Any, list[bytes]]:
    error = header.get("error")
    if error is not None:
        raise from_host(error["code"], error["message"], error.get("hint"))
    return header.get("result"), buffers
