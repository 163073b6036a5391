"""Artifacts as file objects: what is read and written crosses in pieces, so that no more is in memory."""

from __future__ import annotations

import io
import sys
import warnings
from typing import Any, Optional

PIECE = 4 * 1024 * 1024
"""Bytes that one call to the host carries at most."""

# Small reads and writes are gathered to this many bytes.
_BUFFER = 1024 * 1024


class ArtifactCalls:
    """The calls that file objects make, and the handles that are given back with the next of them.

    A finalizer may come in the middle of another call, and so cannot make one itself: it leaves its handle here.
    """

    def __init__(self, host: Any) -> None:
        self._host = host
        self._forgotten: list[int] = []

    def forget(self, handle: int) -> None:
        """Give ``handle`` back with the next call that opens something. Safe in a finalizer."""
        self._forgotten.append(handle)

    def opening(self, method: str, name: str) -> tuple[dict[str, Any], list[bytes]]:
        """Call ``method``, which opens ``name``."""
        forgotten, self._forgotten = self._forgotten, []
        return self._host.call(method, {"name": name, "forgotten": forgotten})

    def call(self, method: str, handle: int, content: Any = None, **params: Any) -> tuple[Any, list[bytes]]:
        """Call ``method`` for what ``handle`` stands for."""
        return self._host.call(method, {"handle": handle, **params}, [] if content is None else [content])


# What is here has no `name`: libraries take it for the path of a file and write there.


class _RawReader(io.RawIOBase):
    """One version of an artifact, read at any position."""

    def __init__(self, calls: ArtifactCalls, handle: int, size: int) -> None:
        self._calls = calls
        self._handle: Optional[int] = handle
        self._size = size
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        self._checked_handle()
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._checked_handle()
        starts = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}
        if whence not in starts:
            raise ValueError(f"whence is 0, 1 or 2, not {whence!r}")
        if starts[whence] + offset < 0:
            raise ValueError(f"there is no position {starts[whence] + offset} in a file")
        self._position = starts[whence] + offset
        return self._position

    def readinto(self, target: Any) -> int:
        view = memoryview(target).cast("B")
        piece = self._read_piece(len(view))
        view[: len(piece)] = piece
        return len(piece)

    def readall(self) -> bytes:
        # Its value shares what was gathered, where joined pieces would be there twice.
        gathered = io.BytesIO()
        while True:
            piece = self._read_piece(PIECE)
            if not piece:
                return gathered.getvalue()
            gathered.write(piece)

    def close(self) -> None:
        if self.closed:
            return
        handle, self._handle = self._handle, None
        super().close()
        if handle is not None:
            self._calls.call("artifacts.close", handle)

    def __del__(self) -> None:
        handle = getattr(self, "_handle", None)
        if handle is not None:
            self._calls.forget(handle)

    def _read_piece(self, length: int) -> bytes:
        handle = self._checked_handle()
        length = min(length, PIECE, self._size - self._position)
        if length <= 0:
            return b""
        _, (piece,) = self._calls.call("artifacts.read", handle, position=self._position, length=length)
        self._position += len(piece)
        return piece

    def _checked_handle(self) -> int:
        if self._handle is None:
            raise ValueError("I/O operation on closed file.")
        return self._handle


class _RawWriter(io.RawIOBase):
    """An artifact that is being written: it takes the place of an earlier one when it is closed, or never."""

    def __init__(self, calls: ArtifactCalls, name: str, handle: int, details: dict[str, Any]) -> None:
        self._calls = calls
        self._name = name
        self._handle: Optional[int] = handle
        self._position = 0
        self.details = details
        # What the host says of it once it is saved.
        self.saved: Optional[dict[str, Any]] = None

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def write(self, data: Any) -> int:
        if self._handle is None:
            raise ValueError(f"The artifact {self._name!r} is not being written any more.")
        # Not copied: the call returns once the host has it.
        piece = memoryview(data).cast("B")[:PIECE]
        try:
            self._calls.call("artifacts.write", self._handle, piece)
        except BaseException:
            # With a piece missing it must not be saved, whatever the caller makes of the exception.
            self.drop()
            raise
        self._position += len(piece)
        return len(piece)

    def drop(self) -> None:
        """Leave what the name had before as it is."""
        handle, self._handle = self._handle, None
        if handle is None:
            return
        from .errors import CodeModeError

        try:
            self._calls.call("artifacts.close", handle)
        except CodeModeError:
            # Gone already.
            pass

    def close(self) -> None:
        if self.closed:
            return
        handle, self._handle = self._handle, None
        super().close()
        if handle is not None:
            self.saved, _ = self._calls.call("artifacts.commit", handle, **self.details)

    def __del__(self) -> None:
        handle = getattr(self, "_handle", None)
        if handle is None or sys.is_finalizing():
            return
        self._calls.forget(handle)
        warnings.warn(
            f"The artifact {self._name!r} was never closed and so was not saved. "
            f"Write it in `with artifacts.open({self._name!r}, ...) as file:`.",
            RuntimeWarning,
            stacklevel=2,
        )


class _NotFinalized:
    """The finalizers of io would close: that takes a call, and would save what is half-written."""

    def __del__(self) -> None:
        pass


class _SavedWhole(_NotFinalized):
    """Saved where ``with`` ends well, dropped where it ends in an exception."""

    def __exit__(self, kind: Any, error: Any, traceback: Any) -> None:
        if kind is None:
            self.close()  # type: ignore[attr-defined]
        else:
            self.drop()  # type: ignore[attr-defined]


class ArtifactReader(_NotFinalized, io.BufferedReader):
    """An artifact opened with ``"rb"``."""


class ArtifactWriter(_SavedWhole, io.BufferedWriter):
    """An artifact opened with ``"wb"``: saved by ``close()``, dropped where ``with`` ends in an exception."""

    raw: _RawWriter

    def drop(self) -> None:
        """End without saving: what had the name before stays."""
        self.raw.drop()
        try:
            self.close()
        except ValueError:
            # There is nobody to take what was still gathered here.
            pass


class ArtifactTextReader(_NotFinalized, io.TextIOWrapper):
    """An artifact opened with ``"r"``."""


class ArtifactTextWriter(_SavedWhole, io.TextIOWrapper):
    """An artifact opened with ``"w"``: as :class:`ArtifactWriter`."""

    buffer: ArtifactWriter

    def drop(self) -> None:
        """End without saving: what had the name before stays."""
        self.buffer.drop()


def reader(calls: ArtifactCalls, handle: int, size: int) -> ArtifactReader:
    """What the host has opened under ``handle``, to be read."""
    return ArtifactReader(_RawReader(calls, handle, size), _BUFFER)


def writer(calls: ArtifactCalls, name: str, details: dict[str, Any]) -> ArtifactWriter:
    """Begin the artifact ``name``; ``details`` are sent when it is closed, and may change until then."""
    opened, _ = calls.opening("artifacts.create", name)
    return ArtifactWriter(_RawWriter(calls, name, opened["handle"], details), _BUFFER)


def copy(source: Any, calls: ArtifactCalls, name: str, details: dict[str, Any]) -> dict[str, Any]:
    """Save what ``source``, an open file or anything else with ``read()``, still holds; what the host says of it."""
    piece = source.read(PIECE)
    if not isinstance(piece, (str, bytes, bytearray, memoryview)):
        raise TypeError(f"read() of {type(source).__name__} gave {type(piece).__name__}, neither text nor bytes")
    is_text = isinstance(piece, str)
    details["data_type"] = "text" if is_text else "bytes"
    with writer(calls, name, details) as target:
        while piece:
            target.write(piece.encode("utf-8") if is_text else piece)
            piece = source.read(PIECE)
    return saved(target)


def saved(target: ArtifactWriter) -> dict[str, Any]:
    """What the host says of an artifact that was written and closed."""
    entry = target.raw.saved
    if entry is None:
        raise ValueError("The artifact was not saved.")
    return entry
