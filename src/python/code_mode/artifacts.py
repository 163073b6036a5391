"""``artifacts``: data that outlives the session."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    import builtins
    import pathlib
    from typing import Any, Optional

    from .artifact_files import ArtifactCalls
    from .records import Artifact

# Every start imports the namespaces; what only their calls need is imported there.

# Integers beyond this lose digits on their way through the host, which is JavaScript.
_SAFE_INTEGER = 2**53 - 1
# What the metadata of the store holds for itself; see artifact_formats.
_OWN_METADATA = ("_format", "_format_options")


class Artifacts:
    """Data that outlives the session, by name: text, bytes, dicts, lists, arrays, frames, figures, files.

    ``artifacts.save("scans/nmap.json", {"open": [22]}, description="Ports of the lab")`` keeps it,
    ``artifacts.load("scans/nmap.json")`` brings it back, in this session or any later one.
    """

    def __init__(self, host: Any) -> None:
        self._host = host
        self._opened: Optional[ArtifactCalls] = None

    def save(
        self, name: str, data: Any, description: str = "", metadata: Optional[dict[str, Any]] = None
    ) -> Artifact:
        """Save ``data`` under ``name`` and return what is known of it; an earlier one is replaced.

        ``name`` may have folders: ``"scans/nmap.json"``. Bytes stay bytes, dicts and lists become JSON
        (NaN and Infinity are written as Python's ``json`` writes them, so that they come back). By the ending
        of the name, NumPy arrays become ``.npy``, ``.csv``, ``.txt`` or ``.json``, a dict of arrays ``.npz``,
        pandas frames and series ``.parquet``, ``.feather``, ``.csv``, ``.tsv``, ``.json`` or ``.xlsx``,
        matplotlib figures ``.png``, ``.svg``, ``.pdf`` or ``.jpg``; the first is what they become without such
        an ending. An open file, or anything with ``read()``, is copied piece by piece. Anything else becomes its
        text. ``metadata`` is JSON; values that are not become their text.
        """
        details = _details(_checked_name(name), description, metadata)
        if isinstance(data, (bytes, bytearray, memoryview)):
            return self._save_bytes(name, bytes(data), {**details, "data_type": "bytes"})
        if type(data).__module__ != "builtins" or (isinstance(data, dict) and name.lower().endswith(".npz")):
            from . import artifact_files, artifact_formats

            save = artifact_formats.saver(name, data)
            if save is not None:
                with artifact_files.writer(self._calls(), name, details) as target:
                    save(target, details)
                return _artifact(artifact_files.saved(target))
            if callable(getattr(data, "read", None)) and not isinstance(data, type):
                return _artifact(artifact_files.copy(data, self._calls(), name, details))
        content, data_type = _encode(name, data)
        return self._save_bytes(name, content, {**details, "data_type": data_type})

    def load(self, name: str) -> Any:
        """The content of ``name`` as it was saved: arrays and frames as such, a figure as a picture.

        JSON is parsed, bytes are bytes, text is text. Raises ``ArtifactNotFoundError`` (a ``KeyError``) if there
        is none.
        """
        opened, buffers = self._open("artifacts.load", name)
        import io

        # What is small came along; the rest is read in pieces.
        file = io.BytesIO(buffers[0]) if buffers else self._reader(opened)
        with file:
            if opened["format"] is not None:
                from .artifact_formats import load

                return load(name, file, opened["format"], opened["format_options"], opened["data_type"])
            return _decode(file.read(), opened["data_type"])

    def open(
        self,
        name: str,
        mode: str = "rb",
        *,
        description: str = "",
        metadata: Optional[dict[str, Any]] = None,
        encoding: str = "utf-8",
    ) -> Any:
        """Open ``name`` as a file of any size: ``"rb"``, ``"r"`` to read, ``"wb"``, ``"w"`` to write.

        What is written is saved, in place of an earlier one, when the file is closed, and dropped where ``with``
        ends in an exception. Text is in ``encoding``; its line ends are left as they are. What is read is the
        version that was there at the time.
        """
        kind = "".join(sorted(set(mode) - {"t"})) if isinstance(mode, str) else mode
        if kind not in ("br", "r", "bw", "w") or ("t" in mode and "b" in mode):
            raise ValueError(f"mode is 'rb', 'wb', 'r' or 'w', not {mode!r}")
        from . import artifact_files

        if "r" in kind:
            if description or metadata is not None:
                raise ValueError("description and metadata go with what is written")
            opened, _ = self._open("artifacts.open", name)
            file = self._reader(opened)
            return file if "b" in kind else artifact_files.ArtifactTextReader(file, encoding, newline="")
        details = _details(_checked_name(name), description, metadata)
        import codecs

        # Everyone reads text as UTF-8.
        is_text = "b" not in kind and codecs.lookup(encoding).name in ("utf-8", "ascii")
        details["data_type"] = "text" if is_text else "bytes"
        target = artifact_files.writer(self._calls(), name, details)
        return target if "b" in kind else artifact_files.ArtifactTextWriter(target, encoding, newline="")

    def path(self, name: str) -> pathlib.Path:
        """The file that ``name`` is kept in, for what wants a path. To be read only: ``save`` replaces it whole.

        Raises ``UnsupportedError`` where this Python does not see the store's files, and says what to do.
        """
        import os
        import pathlib

        from .errors import ArtifactNotFoundError, NotFoundError, UnsupportedError

        try:
            result, _ = self._host.call("artifacts.path", {"name": _checked_name(name)})
        except NotFoundError:
            raise ArtifactNotFoundError(name) from None
        try:
            found = os.stat(result["path"])
            # Another file may have the same path in a file system of its own.
            is_the_same = (str(found.st_ino), found.st_size) == (result["inode"], result["size"])
        except OSError:
            is_the_same = False
        if not is_the_same:
            raise UnsupportedError(
                "unsupported",
                f"The artifact {name!r} has no path here: this Python has a file system of its own, "
                "in which the store's files are not.",
                f"artifacts.load({name!r}) gives its content, artifacts.open({name!r}) a file object.",
            )
        return pathlib.Path(result["path"])

    def list(self) -> builtins.list[Artifact]:
        """All artifacts, by name."""
        result, _ = self._host.call("artifacts.list", {})
        return [_artifact(entry) for entry in result]

    def exists(self, name: str) -> bool:
        """Whether there is an artifact ``name``."""
        result, _ = self._host.call("artifacts.exists", {"name": _checked_name(name)})
        return bool(result)

    def get(self, name: str) -> Optional[Artifact]:
        """What is known of ``name`` without loading it; None if there is none."""
        result, _ = self._host.call("artifacts.get", {"name": _checked_name(name)})
        return None if result is None else _artifact(result)

    def delete(self, name: str) -> bool:
        """Delete ``name``; False if there was none."""
        result, _ = self._host.call("artifacts.delete", {"name": _checked_name(name)})
        return bool(result)

    def __repr__(self) -> str:
        return "<artifacts: save, load, open, path, list, exists, get, delete>"

    def _calls(self) -> ArtifactCalls:
        if self._opened is None:
            from .artifact_files import ArtifactCalls

            self._opened = ArtifactCalls(self._host)
        return self._opened

    def _open(self, method: str, name: str) -> tuple[dict[str, Any], builtins.list[bytes]]:
        from .errors import ArtifactNotFoundError, NotFoundError

        try:
            return self._calls().opening(method, _checked_name(name))
        except NotFoundError:
            raise ArtifactNotFoundError(name) from None

    def _reader(self, opened: dict[str, Any]) -> Any:
        from .artifact_files import reader

        return reader(self._calls(), opened["handle"], opened["size"])

    def _save_bytes(self, name: str, content: bytes, details: dict[str, Any]) -> Artifact:
        from . import artifact_files

        if len(content) > artifact_files.PIECE:
            with artifact_files.writer(self._calls(), name, details) as target:
                target.write(content)
            return _artifact(artifact_files.saved(target))
        result, _ = self._host.call("artifacts.save", {"name": name, **details}, [content])
        return _artifact(result)


def _checked_name(name: Any) -> str:
    if not isinstance(name, str):
        raise TypeError(f"the name of an artifact is text, not {type(name).__name__}")
    return name


def _details(name: str, description: Any, metadata: Any) -> dict[str, Any]:
    """What is kept of an artifact beside its content, but for how that is read."""
    if not isinstance(description, str):
        raise TypeError(f"description is text, not {type(description).__name__}")
    return {"description": description, "metadata": _plain_metadata(metadata)}


def _encode(name: str, data: Any) -> tuple[bytes, str]:
    if isinstance(data, (dict, list)):
        import json

        try:
            return json.dumps(data, indent=2).encode("ascii"), "json"
        except (TypeError, ValueError, RecursionError) as error:
            message = f"{name!r} cannot be saved as JSON: {error}. Convert it first, or save its text or bytes."
            kind = TypeError if isinstance(error, TypeError) else ValueError
            raise kind(message) from None
    try:
        return str(data).encode("utf-8"), "text"
    except UnicodeEncodeError as error:
        message = f"{name!r} cannot be saved as text: {error}. Save data.encode('utf-8', 'surrogatepass') instead."
        raise ValueError(message) from None


def _decode(content: bytes, data_type: str) -> Any:
    if data_type == "bytes":
        return content
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return content
    if data_type == "json":
        import json

        try:
            return json.loads(text)
        except ValueError:
            return text
    return text


def _plain_metadata(metadata: Any) -> dict[str, Any]:
    if metadata is None:
        return {}
    if not isinstance(metadata, dict):
        raise TypeError(f"metadata is a dict, not {type(metadata).__name__}")
    import json

    try:
        plain = json.loads(json.dumps(metadata, default=str, allow_nan=False))
    except (TypeError, ValueError, RecursionError) as error:
        raise ValueError(f"metadata cannot be kept as JSON: {error}") from None
    for key in _OWN_METADATA:
        if key in plain:
            raise ValueError(f"metadata cannot have the key {key!r}, which says how an artifact is loaded.")
    large = _large_integer(plain)
    if large is not None:
        raise ValueError(f"metadata cannot keep the integer {large} exactly. Save it as text: '{large}'.")
    return plain


def _large_integer(value: Any) -> Optional[int]:
    """An integer in ``value`` that the host would round; None if there is none."""
    if isinstance(value, int) and abs(value) > _SAFE_INTEGER:
        return value
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return next((found for child in children if (found := _large_integer(child)) is not None), None)


def _artifact(entry: dict[str, Any]) -> Artifact:
    from .records import Artifact

    return Artifact.from_host(entry)
