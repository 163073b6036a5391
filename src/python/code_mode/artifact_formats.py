"""What arrays, frames, figures and pictures are saved as, and how they come back. Nothing is ever pickled.

The index keeps how in the metadata, beside ``_data_type``, by which py-code-mode reads the same file as bytes or text:

``_format``
    ``npy``, ``npz``, ``csv``, ``tsv``, ``json``, ``parquet``, ``feather``, ``xlsx``, ``png``, ``svg``, ``pdf``,
    ``jpg``, ``gif``, ``webp`` or ``bmp``.
``_format_options``
    ``of``: ``array``, ``arrays`` (a dict of them), ``frame``, ``series``, ``figure`` or ``image``. What else there is
    depends on it; see ``artifact_arrays`` and ``artifact_frames``.

Only libraries that the value's own type comes from are used when it is saved: they are imported already.
"""

from __future__ import annotations

import sys
from typing import Any, Callable, Optional

from .errors import MissingPackageError

Saver = Callable[[Any, "dict[str, Any]"], None]
"""Writes into a binary file, and completes the details: ``data_type`` and the metadata above."""

_FIGURES = {"png": "png", "svg": "svg", "pdf": "pdf", "jpg": "jpg", "jpeg": "jpg"}
_IMAGES = {"png": "png", "jpg": "jpg", "jpeg": "jpg", "gif": "gif", "webp": "webp", "bmp": "bmp"}
_MIME_TYPES = {
    "png": "image/png",
    "svg": "image/svg+xml",
    "pdf": "application/pdf",
    "jpg": "image/jpeg",
    "gif": "image/gif",
    "webp": "image/webp",
    "bmp": "image/bmp",
}


def saver(name: str, data: Any) -> Optional[Saver]:
    """What saves ``data`` in its natural format by the ending of ``name``; None where it has none."""
    ending = name.rpartition("/")[2].rpartition(".")[2].lower()
    if _is(data, "numpy", "ndarray") or (ending == "npz" and _is_dict_of_arrays(data)):
        from . import artifact_arrays

        return artifact_arrays.saver(name, ending, data)
    if _is(data, "pandas", "DataFrame") or _is(data, "pandas", "Series"):
        from . import artifact_frames

        return artifact_frames.saver(name, ending, data)
    if _is(data, "matplotlib.axes", "Axes"):
        data = data.get_figure()
    if _is(data, "matplotlib.figure", "FigureBase"):
        # Of a part, the whole that it is drawn in.
        figure = getattr(data, "figure", data)
        kind = _FIGURES.get(ending, "png")
        return _picture_saver(
            kind, "figure", lambda target: figure.savefig(target, format=kind, bbox_inches="tight")
        )
    if _is(data, "PIL.Image", "Image"):
        kind = _IMAGES.get(ending, "png")
        return _picture_saver(kind, "image", lambda target: data.save(target, format="JPEG" if kind == "jpg" else kind))
    return None


def load(name: str, file: Any, kind: str, options: Any, data_type: str) -> Any:
    """What was saved with that ``_format`` and those ``_format_options``; raw for those of a later version."""
    of = options.get("of") if isinstance(options, dict) else None
    if of in ("array", "arrays"):
        from . import artifact_arrays

        needs(name, "numpy")
        return artifact_arrays.load(file, kind, options)
    if of in ("frame", "series"):
        from . import artifact_frames

        needs(name, "pandas")
        return artifact_frames.load(name, file, kind, options)
    if of in ("figure", "image") and kind in _MIME_TYPES:
        return Picture(file.read(), kind)
    content = file.read()
    return content if data_type == "bytes" else content.decode("utf-8", "replace")


def needs(name: str, package: str, *others: str) -> str:
    """The first of the packages that is there, without importing it; raises where none is."""
    from importlib.util import find_spec

    for candidate in (package, *others):
        if candidate in sys.modules or find_spec(candidate) is not None:
            return candidate
    raise MissingPackageError(name, " or ".join((package, *others)))


def set_format(details: dict[str, Any], kind: str, data_type: str, options: dict[str, Any]) -> None:
    """Note in ``details`` how the content is loaded."""
    details["data_type"] = data_type
    details["metadata"] = {**details["metadata"], "_format": kind, "_format_options": options}


class Picture(bytes):
    """A saved figure or image: its bytes, which show themselves. ``format`` is ``png``, ``svg``, ``jpg`` …"""

    format: str

    def __new__(cls, content: bytes, format: str) -> Picture:
        picture = super().__new__(cls, content)
        picture.format = format
        return picture

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        content: Any = bytes(self)
        return {
            _MIME_TYPES[self.format]: self.decode("utf-8") if self.format == "svg" else content,
            "text/plain": repr(self),
        }

    def _repr_png_(self) -> Optional[bytes]:
        return bytes(self) if self.format == "png" else None

    def _repr_jpeg_(self) -> Optional[bytes]:
        return bytes(self) if self.format == "jpg" else None

    def _repr_svg_(self) -> Optional[str]:
        return self.decode("utf-8") if self.format == "svg" else None

    def _repr_pdf_(self) -> Optional[bytes]:
        return bytes(self) if self.format == "pdf" else None

    def __repr__(self) -> str:
        return f"<Picture {self.format}, {len(self):,} bytes>"

    __str__ = __repr__

    # A copy or pickle is made as any other bytes are.
    def __reduce__(self) -> Any:
        return Picture, (bytes(self), self.format)


def _picture_saver(kind: str, of: str, write: Callable[[Any], None]) -> Saver:
    def save(target: Any, details: dict[str, Any]) -> None:
        set_format(details, kind, "text" if kind == "svg" else "bytes", {"of": of})
        write(target)

    return save


def _is(value: Any, module: str, name: str) -> bool:
    """Whether ``value`` is one of that class; where nobody has imported the module it is not."""
    kind = getattr(sys.modules.get(module), name, None)
    return isinstance(kind, type) and isinstance(value, kind)


def _is_dict_of_arrays(data: Any) -> bool:
    return (
        isinstance(data, dict)
        and len(data) > 0
        and all(isinstance(key, str) and _is(array, "numpy", "ndarray") for key, array in data.items())
    )
