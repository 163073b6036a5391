"""``workflows``: programs that earlier work left behind, called like functions."""

from __future__ import annotations

import builtins
import difflib
import inspect
import linecache
import sys
import types
import warnings
from typing import Any, Mapping, Optional

from .blocking import is_awaited, run_to_end
from .errors import CodeModeError, InvalidWorkflowError, WorkflowNotFoundError
from .records import Record
from .search import rank
from .workflow_source import (
    NAMESPACE_NAMES,
    ParsedWorkflow,
    WorkflowParameter,
    checked_name,
    filename_of,
    parse,
    with_description,
)

_ANNOTATIONS = {"string": str, "integer": int, "number": float, "boolean": bool, "array": list, "object": dict}
_SEARCH_WEIGHTS = {"name": 4.0, "description": 2.0, "parameters": 1.5, "source": 0.5}


class WorkflowWarning(UserWarning):
    """A workflow of the store cannot be used and was skipped."""


class Workflow(Record):
    """A workflow: what it does and takes, its source, and the way to call it.

    ``workflow(url="…")`` runs it and gives the result; ``await workflow(url="…")`` runs it on the session's
    own event loop. Where the call and the ``await`` stand apart, as in ``asyncio.gather``, say
    ``workflow.call_async(url="…")``.
    """

    def __init__(
        self, name: str, source: str, parsed: ParsedWorkflow, namespaces: Mapping[str, object]
    ) -> None:
        self.name = name
        self.description = parsed.description
        self.parameters: tuple[WorkflowParameter, ...] = parsed.parameters
        self.source = source
        self._namespaces = namespaces
        # For completion and help().
        self.__name__ = name
        self.__doc__ = parsed.description
        self.__signature__ = _signature(parsed.parameters)

    @property
    def params(self) -> dict[str, str]:
        """The parameters in py-code-mode's short form: name and type."""
        return {parameter.name: parameter.description or parameter.type for parameter in self.parameters}

    def __call__(self, /, **arguments: Any) -> Any:
        """Run the workflow: its result, or something to await where the call stands behind ``await``."""
        coroutine = self.call_async(**arguments)
        return coroutine if is_awaited(sys._getframe(1)) else run_to_end(coroutine)

    def call_sync(self, /, **arguments: Any) -> Any:
        """Run the workflow to its end and return its result."""
        return run_to_end(self.call_async(**arguments))

    async def call_async(self, /, **arguments: Any) -> Any:
        """Await the workflow's result on the event loop that runs."""
        run = _load_run(self.name, self.source, self._namespaces)
        _check_arguments(self.name, run, arguments, self._namespaces)
        result = run(**arguments)
        if not inspect.isawaitable(result):
            raise InvalidWorkflowError(f"`run` of the workflow {self.name!r} gives nothing to await.")
        return await result

    def keys(self) -> builtins.list[str]:
        return ["name", "description", "params", "parameters", "source"]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Workflow):
            return NotImplemented
        return (self.name, self.source) == (other.name, other.source)

    def __hash__(self) -> int:
        return hash((self.name, self.source))

    def __repr__(self) -> str:
        text = f"{self.name}({', '.join(map(str, self.parameters))})"
        return f"<workflow {text}: {self.description}>" if self.description else f"<workflow {text}>"


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
        documents = ((workflow, _searchable(workflow)) for workflow in self.list())
        return rank(query, documents, _SEARCH_WEIGHTS, limit)

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
        workflow = self.get(name)
        if workflow is None:
            raise WorkflowNotFoundError(name)
        coroutine = workflow.call_async(**arguments)
        return coroutine if is_awaited(sys._getframe(1)) else run_to_end(coroutine)

    def __getattr__(self, name: str) -> Workflow:
        # Displays and completion ask for private names all the time: those cost no call to the host.
        if name.startswith("_"):
            raise AttributeError(name)
        try:
            workflow = self.get(name)
        except (SyntaxError, CodeModeError) as error:
            raise AttributeError(f"workflows.{name} cannot be used: {error}") from error
        if workflow is not None:
            return workflow
        similar = difflib.get_close_matches(name, self._names(), n=1)
        hint = f"Did you mean workflows.{similar[0]}?" if similar else "workflows.list() shows those there are."
        raise AttributeError(f"There is no workflow {name!r}. {hint}")

    def __dir__(self) -> builtins.list[str]:
        return sorted({*super().__dir__(), *self._names()})

    def __repr__(self) -> str:
        return "<workflows: list, search, get, create, delete, invoke>"

    def _names(self) -> builtins.list[str]:
        """The names of the store, for completion and hints: nothing where the store cannot be read."""
        try:
            result, _ = self._host.call("workflows.list", {})
        except CodeModeError:
            return []
        return [entry["name"] for entry in result]

    def _workflow(self, name: str, source: str) -> Workflow:
        known = self._parsed.get(name)
        if known is None or known[0] != source:
            known = self._parsed[name] = (source, parse(name, source))
        return Workflow(name, source, known[1], self._namespaces)


def _load_run(name: str, source: str, namespaces: Mapping[str, object]) -> Any:
    """``run`` of a module that was made from ``source`` just now: no call sees what another left."""
    filename = filename_of(name)
    # Lets tracebacks show the lines.
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    module = types.ModuleType(f"workflows.{name}")
    module.__dict__.update({key: namespaces[key] for key in NAMESPACE_NAMES}, __file__=filename)
    # Where dataclasses and pickle look for the module of a class.
    sys.modules[module.__name__] = module
    exec(compile(source, filename, "exec", dont_inherit=True), module.__dict__)
    return module.__dict__["run"]


def _check_arguments(
    name: str, run: Any, arguments: dict[str, Any], namespaces: Mapping[str, object]
) -> None:
    """Fill in the namespaces that ``run`` asks for; raise a ``TypeError`` that names what does not fit."""
    parameters = inspect.signature(run).parameters.values()
    for parameter in parameters:
        if parameter.name in NAMESPACE_NAMES:
            arguments.setdefault(parameter.name, namespaces[parameter.name])
    kinds = {parameter.kind for parameter in parameters}
    named = {p.name for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)}
    wrong = [] if inspect.Parameter.VAR_KEYWORD in kinds else [a for a in arguments if a not in named]
    missing = [p.name for p in parameters if p.name in named and p.default is p.empty and p.name not in arguments]
    if wrong or missing:
        problems = [f"has no parameter {argument!r}" for argument in wrong]
        problems += [f"misses the argument {parameter!r}" for parameter in missing]
        wanted = inspect.Signature([p for p in parameters if p.name not in NAMESPACE_NAMES])
        raise TypeError(f"workflows.{name} {', '.join(problems)}. Its signature is {wanted}.")


def _signature(parameters: tuple[WorkflowParameter, ...]) -> inspect.Signature:
    return inspect.Signature(
        inspect.Parameter(
            parameter.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=inspect.Parameter.empty if parameter.required else parameter.default,
            annotation=_ANNOTATIONS.get(parameter.type, inspect.Parameter.empty),
        )
        for parameter in parameters
    )


def _searchable(workflow: Workflow) -> dict[str, str]:
    return {
        "name": workflow.name,
        "description": workflow.description,
        "parameters": " ".join(parameter.name for parameter in workflow.parameters),
        "source": workflow.source,
    }
