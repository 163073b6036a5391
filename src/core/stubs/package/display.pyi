"""Rich output: what an object looks like as a MIME bundle, and the functions that show it."""

from collections.abc import Mapping
from os import PathLike
from typing import Any

class DisplayHandle:
    """An output that can be shown again with other content."""

    display_id: str
    def __init__(self, display_id: str | None = None) -> None: ...
    def display(self, value: Any, **options: Any) -> None:
        """Show ``value`` as a new output with this handle's id."""

    def update(self, value: Any, **options: Any) -> None:
        """Replace what is shown under this id, wherever it stands, by ``value``."""

def display(
    *values: Any,
    display_id: Any = None,
    metadata: Mapping[str, Any] | None = None,
    raw: bool = False,
    clear: bool = False,
    update: bool = False,
    **_: Any,
) -> DisplayHandle | None:
    """Show ``values`` as rich output.

    ``display_id``: a name, or True for a new one; then a ``DisplayHandle`` is returned. ``raw``: the values are
    MIME bundles already. ``metadata`` goes with the bundle. ``clear`` clears the output first, ``update``
    replaces what is shown under ``display_id``. Further options of IPython are accepted and have no effect.
    """

def update_display(value: Any, *, display_id: str, **options: Any) -> None:
    """Replace what is shown under ``display_id``, wherever it stands, by ``value``."""

def clear_output(wait: bool = False) -> None:
    """Clear the output of the running cell; with ``wait``, only when the next output arrives."""

class _Rich:
    """Text with a MIME type of its own."""

    mime: str
    data: Any
    def __init__(self, data: Any = None, *, filename: str | PathLike[str] | None = None) -> None: ...

class HTML(_Rich):
    """HTML, shown as such."""

class Markdown(_Rich):
    """Markdown, rendered."""

class Latex(_Rich):
    """A formula or text in LaTeX, rendered."""

class SVG(_Rich):
    """A vector picture."""

class JSON(_Rich):
    """A JSON value, shown as a structure."""

class Image(_Rich):
    """A PNG, JPEG, GIF or WebP picture, from bytes or a file."""

    size: dict[str, int]
    def __init__(
        self,
        data: bytes | None = None,
        *,
        filename: str | PathLike[str] | None = None,
        width: int | None = None,
        height: int | None = None,
    ) -> None: ...
