"""Rich output: what an object looks like as a MIME bundle, and the functions that show it."""

from __future__ import annotations

import os
import sys
from _collections_abc import Mapping

from .values import bounded_repr

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Optional

# Characters of a text representation beyond which it is cut: a screen is not the place for 50 MB.
_TEXT_LIMIT = 1_000_000

_METHODS = {
    "_repr_html_": "text/html",
    "_repr_markdown_": "text/markdown",
    "_repr_latex_": "text/latex",
    "_repr_json_": "application/json",
    "_repr_javascript_": "application/javascript",
    "_repr_svg_": "image/svg+xml",
    "_repr_png_": "image/png",
    "_repr_jpeg_": "image/jpeg",
    "_repr_pdf_": "application/pdf",
}

# Types that have no representation but their repr: asking them for ten others would take longer than a run.
_PLAIN_TYPES = {bool, int, float, complex, str, bytes, list, tuple, dict, set, frozenset, range}

# ``(kind, payload)`` to the host; set by the session when it starts.
_publish: Optional[Callable[[str, dict[str, Any]], None]] = None


def connect(publish: Callable[[str, dict[str, Any]], None]) -> None:
    """Make ``publish`` the way that display events take to the host."""
    global _publish
    _publish = publish


def _send(kind: str, payload: dict[str, Any]) -> None:
    if _publish is None:
        raise RuntimeError("display() works in a running session only.")
    _publish(kind, payload)


def mime_bundle(value: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return ``(data, metadata)`` of ``value`` by the ``_repr_*_`` protocol that IPython set.

    ``data`` maps MIME types to text, JSON or bytes and always holds ``text/plain``. A representation that
    raises is left out, except ``repr`` itself, whose exception is the caller's.
    """
    if type(value) in _PLAIN_TYPES:
        return {"text/plain": bounded_repr(value, _TEXT_LIMIT)}, {}
    data: dict[str, Any] = {}
    metadata: dict[str, Any] = {}
    bundle = _call(value, "_repr_mimebundle_", include=None, exclude=None)
    if isinstance(bundle, tuple) and len(bundle) == 2:
        bundle, metadata = bundle[0], dict(bundle[1] or {})
    if isinstance(bundle, Mapping):
        data.update(bundle)
    else:
        for method, mime in _METHODS.items():
            found = _call(value, method)
            if isinstance(found, tuple) and len(found) == 2:
                found, metadata[mime] = found
            if found is not None:
                data[mime] = found
        if "image/png" not in data:
            figure = _matplotlib_png(value)
            if figure is not None:
                data["image/png"] = figure
    if "text/plain" not in data:
        data["text/plain"] = bounded_repr(value, _TEXT_LIMIT)
    return data, metadata


def _call(value: Any, method: str, **arguments: Any) -> Any:
    if isinstance(value, type):
        # A class has its instances' methods; it is shown by its own repr.
        return None
    function = getattr(value, method, None)
    if not callable(function):
        return None
    try:
        return function(**arguments)
    except Exception:
        return None


def _matplotlib_png(value: Any) -> Optional[bytes]:
    module = sys.modules.get("matplotlib.figure")
    if module is None or not isinstance(value, module.Figure):
        return None
    import io

    target = io.BytesIO()
    value.savefig(target, format="png", bbox_inches="tight")
    return target.getvalue()


def show_open_figures() -> None:
    """Display and close the figures that a run left open in pyplot, as notebooks do."""
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is None:
        return
    for number in pyplot.get_fignums():
        display(pyplot.figure(number))
    pyplot.close("all")


class DisplayHandle:
    """An output that can be shown again with other content."""

    def __init__(self, display_id: Optional[str] = None) -> None:
        self.display_id = display_id or os.urandom(16).hex()

    def display(self, value: Any, **options: Any) -> None:
        """Show ``value`` as a new output with this handle's id."""
        display(value, display_id=self.display_id, **options)

    def update(self, value: Any, **options: Any) -> None:
        """Replace what is shown under this id, wherever it stands, by ``value``."""
        update_display(value, display_id=self.display_id, **options)

    def __repr__(self) -> str:
        return f"<DisplayHandle display_id={self.display_id}>"


def display(
    *values: Any,
    display_id: Any = None,
    metadata: Optional[Mapping[str, Any]] = None,
    raw: bool = False,
    clear: bool = False,
    update: bool = False,
    **_: Any,
) -> Optional[DisplayHandle]:
    """Show ``values`` as rich output.

    ``display_id``: a name, or True for a new one; then a :class:`DisplayHandle` is returned. ``raw``: the
    values are MIME bundles already. ``metadata`` goes with the bundle. ``clear`` clears the output first,
    ``update`` replaces what is shown under ``display_id``. Further options of IPython are accepted and
    have no effect.
    """
    if clear:
        clear_output(wait=True)
    handle = None
    if display_id is not None and display_id is not False:
        handle = DisplayHandle(None if display_id is True else str(display_id))
    elif update:
        raise TypeError("display(update=True) needs a display_id")
    for value in values:
        if raw:
            if not isinstance(value, Mapping):
                raise TypeError("display(raw=True) takes dicts that map MIME types to data")
            data, extra = dict(value), {}
        else:
            own = getattr(value, "_ipython_display_", None)
            if callable(own) and not isinstance(value, type):
                own()
                continue
            data, extra = mime_bundle(value)
        payload: dict[str, Any] = {"data": data, "metadata": {**extra, **dict(metadata or {})}}
        if handle is not None:
            payload["displayId"] = handle.display_id
        _send("updateDisplay" if update else "display", payload)
    return handle if not update else None


def update_display(value: Any, *, display_id: str, **options: Any) -> None:
    """Replace what is shown under ``display_id``, wherever it stands, by ``value``."""
    display(value, display_id=display_id, update=True, **options)


def clear_output(wait: bool = False) -> None:
    """Clear the output of the running cell; with ``wait``, only when the next output arrives."""
    _send("clearOutput", {"wait": bool(wait)})


class _Rich:
    """Text with a MIME type of its own."""

    mime = "text/plain"

    def __init__(self, data: Any = None, *, filename: Optional[str] = None) -> None:
        if data is None and filename is None:
            raise TypeError(f"{type(self).__name__}() needs data or filename=")
        if data is None:
            with open(os.fspath(filename), encoding="utf-8") as file:  # type: ignore[arg-type]
                data = file.read()
        self.data = data

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return {self.mime: self.data, "text/plain": repr(self)}

    def __repr__(self) -> str:
        return f"<{type(self).__name__} object>"


class HTML(_Rich):
    """HTML, shown as such."""

    mime = "text/html"

    def _repr_html_(self) -> str:
        return self.data


class Markdown(_Rich):
    """Markdown, rendered."""

    mime = "text/markdown"


class Latex(_Rich):
    """A formula or text in LaTeX, rendered."""

    mime = "text/latex"


class SVG(_Rich):
    """A vector picture."""

    mime = "image/svg+xml"


class JSON(_Rich):
    """A JSON value, shown as a structure."""

    mime = "application/json"


class Image(_Rich):
    """A PNG, JPEG, GIF or WebP picture, from bytes or a file."""

    _SIGNATURES = (
        (b"\x89PNG", "image/png"),
        (b"\xff\xd8", "image/jpeg"),
        (b"GIF8", "image/gif"),
        (b"RIFF", "image/webp"),
    )

    def __init__(
        self,
        data: Optional[bytes] = None,
        *,
        filename: Optional[str] = None,
        width: Optional[int] = None,
        height: Optional[int] = None,
    ) -> None:
        if data is None and filename is not None:
            with open(os.fspath(filename), "rb") as file:
                data = file.read()
        if not isinstance(data, (bytes, bytearray, memoryview)):
            raise TypeError("Image() needs the picture's bytes, or filename=")
        super().__init__(bytes(data))
        found = [mime for signature, mime in self._SIGNATURES if self.data.startswith(signature)]
        if not found:
            raise ValueError("Image() takes PNG, JPEG, GIF or WebP; use SVG() for vector pictures.")
        self.mime = found[0]
        self.size = {key: n for key, n in (("width", width), ("height", height)) if n is not None}

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Any:
        metadata = {self.mime: self.size} if self.size else {}
        return {self.mime: self.data, "text/plain": repr(self)}, metadata
