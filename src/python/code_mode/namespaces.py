"""The four names that every session has: ``tools``, ``workflows``, ``artifacts`` and ``deps``."""

from __future__ import annotations

from .artifacts import Artifacts
from .deps import Deps
from .tools import Tools
from .workflows import Workflows

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def create_namespaces(host: Any) -> dict[str, object]:
    """The namespaces by name, answered by ``host`` (see :class:`code_mode.host.Host`). Calls nothing yet."""
    namespaces: dict[str, object] = {}
    # The dict is handed over before it is filled: a workflow sees all four names, workflows among them.
    namespaces.update(
        tools=Tools(host),
        workflows=Workflows(host, namespaces),
        artifacts=Artifacts(host),
        deps=Deps(host),
    )
    return namespaces
