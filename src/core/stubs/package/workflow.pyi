"""A workflow: a program that earlier work left behind, called like a function."""

import dataclasses
from typing import Any

from .records import Record

class WorkflowWarning(UserWarning):
    """A workflow of the store cannot be used and was skipped."""

@dataclasses.dataclass(frozen=True)
class WorkflowParameter(Record):
    """A parameter of ``run``; ``type`` is a JSON type, or ``any`` where the annotation names none.

    ``default`` is the value where it is a literal, otherwise its source text.
    """

    name: str
    type: str
    description: str
    required: bool
    default: Any = None

class Workflow(Record):
    """A workflow: what it does and takes, its source, and the way to call it.

    ``workflow(url="…")`` runs it and gives the result; ``await workflow(url="…")`` runs it on the session's
    own event loop. Where the call and the ``await`` stand apart, as in ``asyncio.gather``, say
    ``workflow.call_async(url="…")``.
    """

    name: str
    description: str
    @property
    def source(self) -> str:
        """The module's text."""

    @property
    def parameters(self) -> tuple[WorkflowParameter, ...]:
        """What it takes, by name."""

    @property
    def params(self) -> dict[str, str]:
        """The parameters in py-code-mode's short form: name and type."""

    def __call__(self, /, **arguments: Any) -> Any:
        """Run the workflow: its result, or something to await where the call stands behind ``await``."""

    def call_sync(self, /, **arguments: Any) -> Any:
        """Run the workflow to its end and return its result."""

    async def call_async(self, /, **arguments: Any) -> Any:
        """Await the workflow's result on the event loop that runs."""

    def keys(self) -> list[str]:
        """The names of what can be read as keys."""
