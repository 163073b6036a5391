"""``workflows``: programs that earlier work left behind, called like functions."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    import builtins
    from typing import Any, Mapping, Optional

    from .workflow import Workflow

# Every start imports the namespaces; what only their calls need is imported there.


class Workflows:
    """Programs that earlier work left behind: ``workflows.NAME(...)`` runs one.

    ``workflows.create(name="greet", source="async def run(name: str): return f'Hello {name}'")`` keeps one,
    ``workflows.search("say hello")`` finds it, ``workflows.greet(name="Ada")`` runs it.
    """

    def __init__(self, host: Any, namespaces: Mapping[str, object]) -> None:
        self._host = host
        self._namespaces = namespaces

    def list(self) -> builtins.list[Workflow]:
        """All workflows, by name. One that is broken is skipped with a warning."""
        result, _ = self._host.call("workflows.list", {})
        return self._usable(result)

    def search(self, query: str, limit: int = 10) -> builtins.list[Workflow]:
        """The workflows that fit the words of ``query``, best first, at most ``limit``."""
        if not isinstance(query, str):
            raise TypeError(f"query is text, not {type(query).__name__}")
        if isinstance(limit, bool) or not isinstance(limit, int) or limit < 1:
            raise ValueError(f"limit is a whole number above zero, not {limit!r}")
        result, _ = self._host.call("workflows.search", {"query": query, "limit": limit})
        return self._usable(result)

    def get(self, name: str) -> Optional[Workflow]:
        """The workflow ``name``, or None. Raises where it is there but broken."""
        if not isinstance(name, str):
            raise TypeError(f"the name of a workflow is text, not {type(name).__name__}")
        result, _ = self._host.call("workflows.get", {"name": name})
        if result is None:
            return None
        if result["problem"] is not None:
            # What Python itself says of it counts, and is what a person knows from elsewhere.
            from .workflow_source import check

            check(result["name"], result["source"])
        return self._workflow(result)

    def create(self, name: str, source: str, description: str = "") -> Workflow:
        """Save a workflow and return it; an earlier one of that name is replaced.

        ``source`` is a module with a top-level ``async def run(...)``. It is parsed, not executed. Without
        ``description``, the first line of the module's docstring describes it, or else of ``run``'s; a
        description that is given becomes the first line of the module's docstring.
        """
        from .workflow_source import check, checked_name, with_description

        name = checked_name(name)
        if not isinstance(description, str):
            raise TypeError(f"description is text, not {type(description).__name__}")
        check(name, source)
        source = with_description(name, source, description)
        saved, _ = self._host.call("workflows.save", {"name": name, "source": source})
        return self._workflow({**saved, "source": source})

    def delete(self, name: str) -> bool:
        """Delete a workflow; False if there was none."""
        if not isinstance(name, str):
            raise TypeError(f"the name of a workflow is text, not {type(name).__name__}")
        result, _ = self._host.call("workflows.delete", {"name": name})
        return bool(result)

    def invoke(self, name: str, /, **arguments: Any) -> Any:
        """Run the workflow ``name``, like ``workflows.NAME(...)``; with ``await`` in front, await it."""
        from .awaiting import is_awaited
        from .blocking import run_to_end
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

        similar = difflib.get_close_matches(name, self._completions(), n=1)
        hint = f"Did you mean workflows.{similar[0]}?" if similar else "workflows.list() shows those there are."
        raise AttributeError(f"There is no workflow {name!r}. {hint}")

    def __dir__(self) -> builtins.list[str]:
        return sorted({*super().__dir__(), *self._completions()})

    def __repr__(self) -> str:
        return "<workflows: list, search, get, create, delete, invoke>"

    def _completions(self) -> dict[str, str]:
        """The description of each workflow by its name: what completion shows besides the methods."""
        from .errors import CodeModeError

        try:
            result, _ = self._host.call("workflows.list", {})
        except CodeModeError:
            return {}
        return {entry["name"]: entry["description"] for entry in result}

    def _usable(self, entries: builtins.list[dict[str, Any]]) -> builtins.list[Workflow]:
        """The workflows that ``entries`` describe; a warning where list() or search() was called names the broken."""
        import warnings

        from .errors import CodeModeError
        from .workflow import WorkflowWarning

        found: builtins.list[Workflow] = []
        for entry in entries:
            try:
                # What the host holds for broken is looked at by Python itself.
                workflow = self._workflow(entry) if entry["problem"] is None else self.get(entry["name"])
            except (SyntaxError, CodeModeError) as error:
                message = f"The workflow {entry['name']!r} is broken and was skipped: {error}"
                warnings.warn(message, WorkflowWarning, stacklevel=3)
                continue
            if workflow is not None:
                found.append(workflow)
        return found

    def _workflow(self, entry: dict[str, Any]) -> Workflow:
        from .workflow import Workflow

        return Workflow(entry, self._host, self._namespaces)
