"""``workflows``: programs that earlier work left behind, called like functions."""

import builtins as _builtins
import typing as _typing
from collections.abc import Callable
from typing import Any, Generic

from typing_extensions import Concatenate, ParamSpec

from .workflow import Workflow as _Workflow

_P = ParamSpec("_P")

class _NamedWorkflow(_Workflow, Generic[_P]):
    def __call__(self, *args: _P.args, **kwargs: _P.kwargs) -> Any: ...  # type: ignore[override]
    def call_sync(self, *args: _P.args, **kwargs: _P.kwargs) -> Any: ...  # type: ignore[override]
    async def call_async(self, *args: _P.args, **kwargs: _P.kwargs) -> Any: ...  # type: ignore[override]

def _workflow(run: Callable[Concatenate[Any, _P], Any]) -> _NamedWorkflow[_P]: ...

class Workflows:
    """Programs that earlier work left behind: ``workflows.NAME(...)`` runs one.

    ``workflows.create(name="greet", source="async def run(name: str): return f'Hello {name}'")`` keeps one,
    ``workflows.search("say hello")`` finds it, ``workflows.greet(name="Ada")`` runs it.
    """

    def list(self) -> _builtins.list[_Workflow]:
        """All workflows, by name. One that is broken is skipped with a warning."""

    def search(self, query: _builtins.str, limit: _builtins.int = 10) -> _builtins.list[_Workflow]:
        """The workflows that fit the words of ``query``, best first, at most ``limit``."""

    def get(self, name: _builtins.str) -> _Workflow | None:
        """The workflow ``name``, or None. Raises where it is there but broken."""

    def create(self, name: _builtins.str, source: _builtins.str, description: _builtins.str = "") -> _Workflow:
        """Save a workflow and return it; an earlier one of that name is replaced.

        ``source`` is a module with a top-level ``async def run(...)``. It is parsed, not executed. Without
        ``description``, the first line of the module's docstring describes it, or else of ``run``'s; a
        description that is given becomes the first line of the module's docstring.
        """

    def delete(self, name: _builtins.str) -> _builtins.bool:
        """Delete a workflow; False if there was none."""

    def invoke(self, name: _builtins.str, /, **arguments: _typing.Any) -> _typing.Any:
        """Run the workflow ``name``, like ``workflows.NAME(...)``; with ``await`` in front, await it."""
