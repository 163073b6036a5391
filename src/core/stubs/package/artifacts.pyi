"""``artifacts``: data that outlives the session."""

import builtins
import pathlib
from typing import Any, Literal, overload

from .artifact_files import ArtifactReader, ArtifactTextReader, ArtifactTextWriter, ArtifactWriter
from .records import Artifact

class Artifacts:
    """Data that outlives the session, by name: text, bytes, dicts, lists, arrays, frames, figures, files.

    ``artifacts.save("scans/nmap.json", {"open": [22]}, description="Ports of the lab")`` keeps it,
    ``artifacts.load("scans/nmap.json")`` brings it back, in this session or any later one.
    """

    def save(
        self, name: str, data: Any, description: str = "", metadata: dict[str, Any] | None = None
    ) -> Artifact:
        """Save ``data`` under ``name`` and return what is known of it; an earlier one is replaced.

        ``name`` may have folders: ``"scans/nmap.json"``. Bytes stay bytes, dicts and lists become JSON. By the
        ending of the name, NumPy arrays become ``.npy``, ``.csv``, ``.txt`` or ``.json``, a dict of arrays
        ``.npz``, pandas frames and series ``.parquet``, ``.feather``, ``.csv``, ``.tsv``, ``.json`` or ``.xlsx``,
        matplotlib figures ``.png``, ``.svg``, ``.pdf`` or ``.jpg``; the first is what they become without such
        an ending. An open file, or anything with ``read()``, is copied piece by piece. Anything else becomes its
        text. ``metadata`` is JSON.
        """

    def load(self, name: str) -> Any:
        """The content of ``name`` as it was saved: arrays and frames as such, a figure as a picture.

        JSON is parsed, bytes are bytes, text is text. Raises ``ArtifactNotFoundError`` (a ``KeyError``) if there
        is none.
        """

    @overload
    def open(
        self,
        name: str,
        mode: Literal["rb", "br"] = "rb",
        *,
        description: str = "",
        metadata: dict[str, Any] | None = None,
        encoding: str = "utf-8",
    ) -> ArtifactReader:
        """Open ``name`` as a file of any size: ``"rb"``, ``"r"`` to read, ``"wb"``, ``"w"`` to write.

        What is written is saved, in place of an earlier one, when the file is closed, and dropped where ``with``
        ends in an exception. What is read is the version that was there at the time.
        """

    @overload
    def open(
        self,
        name: str,
        mode: Literal["r", "rt", "tr"],
        *,
        description: str = "",
        metadata: dict[str, Any] | None = None,
        encoding: str = "utf-8",
    ) -> ArtifactTextReader: ...
    @overload
    def open(
        self,
        name: str,
        mode: Literal["wb", "bw"],
        *,
        description: str = "",
        metadata: dict[str, Any] | None = None,
        encoding: str = "utf-8",
    ) -> ArtifactWriter: ...
    @overload
    def open(
        self,
        name: str,
        mode: Literal["w", "wt", "tw"],
        *,
        description: str = "",
        metadata: dict[str, Any] | None = None,
        encoding: str = "utf-8",
    ) -> ArtifactTextWriter: ...
    @overload
    def open(
        self,
        name: str,
        mode: str,
        *,
        description: str = "",
        metadata: dict[str, Any] | None = None,
        encoding: str = "utf-8",
    ) -> Any: ...
    def path(self, name: str) -> pathlib.Path:
        """The file that ``name`` is kept in, for what wants a path. To be read only: ``save`` replaces it whole.

        Raises ``UnsupportedError`` where this Python does not see the store's files, and says what to do.
        """

    def list(self) -> builtins.list[Artifact]:
        """All artifacts, by name."""

    def exists(self, name: str) -> bool:
        """Whether there is an artifact ``name``."""

    def get(self, name: str) -> Artifact | None:
        """What is known of ``name`` without loading it; None if there is none."""

    def delete(self, name: str) -> bool:
        """Delete ``name``; False if there was none."""
