"""A workflow: a program that earlier work left behind, called like a function."""

from __future__ import annotations

import ast
import dataclasses
import functools
import inspect
import linecache
import sys
import types
from typing import Any, Mapping

from .awaiting import is_awaited
from .blocking import run_to_end
from .errors import InvalidWorkflowError, WorkflowNotFoundError
from .records import Record
from .workflow_source import filename_of

NAMESPACE_NAMES = ("tools", "workflows", "artifacts", "deps")
"""What a workflow sees; a parameter of ``run`` with such a name is filled with it, not asked of the caller."""

_ANNOTATIONS = {"string": str, "integer": int, "number": float, "boolean": bool, "array": list, "object": dict}


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
    default: Any = dataclasses.field(default=None, hash=False)

    @classmethod
    def from_host(cls, entry: dict[str, Any]) -> WorkflowParameter:
        """What the host says of one."""
        default = None if entry["required"] else _value(entry["default_source"])
        return cls(entry["name"], entry["type"], entry["description"], entry["required"], default)

    def __str__(self) -> str:
        return f"{self.name}: {self.type}" + ("" if self.required else f" = {self.default!r}")


class Workflow(Record):
    """A workflow: what it does and takes, its source, and the way to call it.

    ``workflow(url="…")`` runs it and gives the result; ``await workflow(url="…")`` runs it on the session's
    own event loop. Where the call and the ``await`` stand apart, as in ``asyncio.gather``, say
    ``workflow.call_async(url="…")``.
    """

    def __init__(self, entry: dict[str, Any], host: Any, namespaces: Mapping[str, object]) -> None:
        self.name: str = entry["name"]
        self.description: str = entry["description"]
        self._entry = entry
        self._host = host
        self._namespaces = namespaces
        # For completion and help().
        self.__name__ = self.name
        self.__doc__ = self.description

    @property
    def source(self) -> str:
        """The module's text. A list or search brings it not along: it is fetched when it is first asked for."""
        if "source" not in self._entry:
            found, _ = self._host.call("workflows.get", {"name": self.name})
            if found is None:
                raise WorkflowNotFoundError(self.name)
            self._entry = found
        return self._entry["source"]

    @functools.cached_property
    def parameters(self) -> tuple[WorkflowParameter, ...]:
        """What it takes, by name."""
        return tuple(WorkflowParameter.from_host(parameter) for parameter in self._entry["parameters"])

    @property
    def __signature__(self) -> inspect.Signature:
        return _signature(self.parameters)

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

    def keys(self) -> list[str]:
        return ["name", "description", "params", "parameters", "source"]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Workflow):
            return NotImplemented
        return (self.name, self.source) == (other.name, other.source)

    def __hash__(self) -> int:
        return hash(self.name)

    def __repr__(self) -> str:
        text = f"{self.name}({', '.join(map(str, self.parameters))})"
        return f"<workflow {text}: {self.description}>" if self.description else f"<workflow {text}>"


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


def _value(source: str) -> Any:
    try:
        return ast.literal_eval(source)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return source
