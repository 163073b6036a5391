"""``artifacts``: data that outlives the session."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    import builtins
    from typing import Any, Optional

    from .records import Artifact

# Every start imports the namespaces; what only their calls need is imported there.

# Integers beyond this lose digits on their way through the host, which is JavaScript.
_SAFE_INTEGER = 2**53 - 1


class Artifacts:
    """Data that outlives the session: text, bytes, dicts and lists, by name.

    ``artifacts.save("scans/nmap.json", {"open": [22]}, description="Ports of the lab")`` keeps it,
    ``artifacts.load("scans/nmap.json")`` brings it back, in this session or any later one.
    """

    def __init__(self, host: Any) -> None:
        self._host = host

    def save(
        self, name: str, data: Any, description: str = "", metadata: Optional[dict[str, Any]] = None
    ) -> Artifact:
        """Save ``data`` under ``name`` and return what is known of it; an earlier one is replaced.

        ``name`` may have folders: ``"scans/nmap.json"``. Bytes stay bytes, dicts and lists become JSON
        (NaN and Infinity are written as Python's ``json`` writes them, so that they come back), anything
        else becomes its text. ``metadata`` is JSON; values that are not become their text.
        """
        content, data_type = _encode(_checked_name(name), data)
        if not isinstance(description, str):
            raise TypeError(f"description is text, not {type(description).__name__}")
        params = {
            "name": name,
            "description": description,
            "metadata": _plain_metadata(metadata),
            "data_type": data_type,
        }
        result, _ = self._host.call("artifacts.save", params, [content])
        return _artifact(result)

    def load(self, name: str) -> Any:
        """The content of ``name`` as it was saved: JSON parsed, bytes as bytes, text as text.

        Raises ``ArtifactNotFoundError`` (a ``KeyError``) if there is none.
        """
        from .errors import ArtifactNotFoundError, NotFoundError

        try:
            result, buffers = self._host.call("artifacts.load", {"name": _checked_name(name)})
        except NotFoundError:
            raise ArtifactNotFoundError(name) from None
        return _decode(buffers[0], result["data_type"])

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
        return "<artifacts: save, load, list, exists, get, delete>"


def _checked_name(name: Any) -> str:
    if not isinstance(name, str):
        raise TypeError(f"the name of an artifact is text, not {type(name).__name__}")
    return name


def _encode(name: str, data: Any) -> tuple[bytes, str]:
    if isinstance(data, (bytes, bytearray, memoryview)):
        return bytes(data), "bytes"
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
