"""The way out for programs inside where there is no network: connections that the host answers."""

from __future__ import annotations

import os
import select

from .streams import FROM_TUNNEL, PIECE, Writer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Callable

    import _socket

    from .streams import ToHost, Watch

# Bytes that one side has sent and the other not taken yet, at the most; `window.ts` has the same number.
_WINDOW = 1_048_576
# Bytes that were taken before the host is told.
_TAKEN = 262_144


class Tunnel:
    """Listens on this container's own address, and carries what is said there to the host and back."""

    def __init__(self, watch: Watch, host: ToHost, tell: Callable[..., None]) -> None:
        self._watch = watch
        self._host = host
        self._tell = tell
        self._listener: _socket.socket | None = None
        self._connections: dict[int, _Connection] = {}
        self._newest = 0

    def listen(self, port: int) -> None:
        import _socket

        listener = _socket.socket(_socket.AF_INET, _socket.SOCK_STREAM)
        listener.setsockopt(_socket.SOL_SOCKET, _socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen(128)
        listener.setblocking(False)
        self._listener = listener
        self._watch.add(listener.fileno(), self._accept)

    def send(self, number: int, data: bytes) -> None:
        """Take bytes of the host; none are its end."""
        connection = self._connections.get(number)
        if connection is not None:
            connection.send(data)

    def taken(self, number: int, size: int) -> None:
        connection = self._connections.get(number)
        if connection is not None:
            connection.taken(size)

    def disconnect(self, number: int) -> None:
        connection = self._connections.pop(number, None)
        if connection is not None:
            connection.close()

    def _accept(self, _events: int) -> None:
        assert self._listener is not None
        try:
            descriptor, _ = self._listener._accept()
        except OSError:
            return
        self._newest += 1
        number = self._newest
        self._tell("connect", number)
        self._connections[number] = _Connection(number, descriptor, self._watch, self._host, self._tell, self._ended)

    def _ended(self, number: int) -> None:
        self._tell("disconnect", number)
        self.disconnect(number)


class _Connection:
    def __init__(
        self,
        number: int,
        descriptor: int,
        watch: Watch,
        host: ToHost,
        tell: Callable[..., None],
        on_end: Callable[[int], None],
    ) -> None:
        import _socket

        self._number = number
        self._socket = _socket.socket(fileno=descriptor)
        self._watch = watch
        self._host = host
        self._tell = tell
        self._on_end = on_end
        # Bytes that the host may still be sent, and those that were taken of it and not told.
        self._window = _WINDOW
        self._taken = 0
        self._is_read = False
        self._has_ended = self._is_to_end = False
        # A descriptor of its own: both are watched, each for one thing.
        self._writer = Writer(watch, os.dup(descriptor), self._on_written, self._end)
        self._socket.setblocking(False)
        self._listen()

    def send(self, data: bytes) -> None:
        if data:
            self._writer.write(data)
        else:
            self._is_to_end = True
            self._end_writing()

    def taken(self, size: int) -> None:
        self._window += size
        self._listen()

    def close(self) -> None:
        self._quieten()
        self._writer.close()
        self._socket.close()

    def _end(self) -> None:
        self._on_end(self._number)

    def _listen(self) -> None:
        if not self._is_read and not self._has_ended and self._window > 0:
            self._is_read = True
            self._watch.add_source(self._socket.fileno(), self._read)

    def _quieten(self) -> None:
        if self._is_read:
            self._is_read = False
            self._watch.remove(self._socket.fileno())

    def _read(self, _events: int) -> None:
        try:
            data = os.read(self._socket.fileno(), min(PIECE, self._window))
        except BlockingIOError:
            return
        except OSError:
            self._end()
            return
        self._host.send(FROM_TUNNEL, self._number, data)
        self._window -= len(data)
        self._has_ended = not data
        if self._has_ended or self._window == 0:
            self._quieten()
        if self._has_ended and self._is_to_end and self._writer.size == 0:
            self._end()

    def _on_written(self, size: int) -> None:
        self._taken += size
        if self._taken >= _TAKEN:
            self._tell("taken", self._number, bytes=self._taken, tunnel=True)
            self._taken = 0
        if self._is_to_end:
            self._end_writing()

    def _end_writing(self) -> None:
        import _socket

        if self._writer.size > 0:
            return
        try:
            self._socket.shutdown(_socket.SHUT_WR)
        except OSError:
            pass
        if self._has_ended:
            self._end()
