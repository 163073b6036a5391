"""``workflows``: programs that earlier work left behind, called like functions."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    import builtins
    from typing import Any, Mapping, Optional

    from .workflow import Workflow
    from .workflow_source import ParsedWorkflow

# Every start imports the namespaces; what only their calls need is imported there.

class Workflows:
    """Programs that earlier work left behind: ``workflows.NAME(...)`` runs one.

    ``workflows.create(name="greet", source="async def run(name: str): return f'Hello {name}'")`` keeps one,
    ``workflows.search("say hello")`` finds it, ``workflows.greet(name="Ada")`` runs it.
    """

    def __init__(self, host: Any, namespaces: Mapping[str, object]) -> None:
        self._host = host
        self._namespaces = namespaces
        # What a source says, by name, so that a search of a large store parses only what changed.
        self._parsed: dict[str, tuple[str, ParsedWorkflow]] = {}

    def list(self) -> builtins.list[Workflow]:
        """All workflows, by name. One that is broken is skipped with a warning."""
        import warnings

        from .errors import CodeModeError
        from .workflow import WorkflowWarning

        result, _ = self._host.call("workflows.list", {})
        found = []
        for entry in result:
            try:
                found.append(self._workflow(entry["name"], entry["source"]))
            except (SyntaxError, CodeModeError) as error:
                message = f"The workflow {entry['name']!r} is broken and was skipped: {error}"
                warnings.warn(message, WorkflowWarning, stacklevel=2)
        return found

    def search(self, query: str, limit: int = 10) -> builtins.list[Workflow]:
        """The workflows that fit the words of ``query``, best first, at most ``limit``."""
        from .search import rank
        from .workflow import SEARCH_WEIGHTS, searchable

        documents = ((workflow, searchable(workflow)) for workflow in self.list())
        return rank(query, documents, SEARCH_WEIGHTS, limit)

    def get(self, name: str) -> Optional[Workflow]:
        """The workflow ``name``, or None. Raises where it is there but broken."""
        if not isinstance(name, str):
            raise TypeError(f"the name of a workflow is text, not {type(name).__name__}")
        result, _ = self._host.call("workflows.get", {"name": name})
        return None if result is None else self._workflow(result["name"], result["source"])

    def create(self, name: str, source: str, description: str = "") -> Workflow:
        """Save a workflow and return it; an earlier one of that name is replaced.

        ``source`` is a module with a top-level ``async def run(...)``. It is parsed, not executed. Without
        ``description``, the first line of the module's docstring describes it, or else of ``run``'s; a
        description that is given becomes the first line of the module's docstring.
        """
        from .workflow_source import checked_name, parse, with_description

        name = checked_name(name)
        if not isinstance(description, str):
            raise TypeError(f"description is text, not {type(description).__name__}")
        parse(name, source)
        source = with_description(name, source, description)
        workflow = self._workflow(name, source)
        self._host.call("workflows.save", {"name": name, "source": source})
        return workflow

    def delete(self, name: str) -> bool:
        """Delete a workflow; False if there was none."""
        if not isinstance(name, str):
            raise TypeError(f"the name of a workflow is text, not {type(name).__name__}")
        result, _ = self._host.call("workflows.delete", {"name": name})
        return bool(result)

    def invoke(self, name: str, /, **arguments: Any) -> Any:
        """Run the workflow ``name``, like ``workflows.NAME(...)``; with ``await`` in front, await it."""
        from .blocking import is_awaited, run_to_end
        from .errors import WorkflowNotFoundError

        workflow = self.get(name)
        if workflow is None:
            raise WorkflowNotFoundError(name)
        coroutine = workflow.call_async(**arguments)
        return coroutine if is_awaited(sys._getframe(1)) else run_to_end(coroutine)

    def __getattr__(self, name: str) -> Workflow:
        # Displays and completion ask for private names all the time: those cost no call to the host.
        if name.startswith("_"):
            raise AttributeError(name)
        from .errors import CodeModeError

        try:
            workflow = self.get(name)
        except (SyntaxError, CodeModeError) as error:
            raise AttributeError(f"workflows.{name} cannot be used: {error}") from error
        if workflow is not None:
            return workflow
        import difflib

        similar = difflib.get_close_matches(name, self._names(), n=1)
        hint = f"Did you mean workflows.{similar[0]}?" if similar else "workflows.list() shows those there are."
        raise AttributeError(f"There is no workflow {name!r}. {hint}")

    def __dir__(self) -> builtins.list[str]:
        return sorted({*super().__dir__(), *self._names()})

    def __repr__(self) -> str:
        return "<workflows: list, search, get, create, delete, invoke>"

    def _names(self) -> builtins.list[str]:
        """The names of the store, for completion and hints: nothing where the store cannot be read."""
        from .errors import CodeModeError

        try:
            result, _ = self._host.call("workflows.list", {})
        except CodeModeError:
            return []
        return [entry["name"] for entry in result]

    def _workflow(self, name: str, source: str) -> Workflow:
        from .workflow import Workflow
        from .workflow_source import parse

        known = self._parsed.get(name)
        if known is None or known[0] != source:
            known = self._parsed[name] = (source, parse(name, source))
        return Workflow(name, source, known[1], self._namespaces)
