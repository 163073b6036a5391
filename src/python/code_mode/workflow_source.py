"""What the source of a workflow says, found by parsing alone: nothing of it is executed here."""

from __future__ import annotations

import ast
import dataclasses
import inspect
import keyword
import unicodedata
from typing import Any, Optional, Union

from .errors import InvalidWorkflowError
from .records import Record

RESERVED_NAMES = frozenset(("list", "search", "get", "invoke", "create", "delete"))
"""What ``workflows.NAME`` means already."""

NAMESPACE_NAMES = ("tools", "workflows", "artifacts", "deps")
"""What a workflow sees; a parameter of ``run`` with such a name is filled with it, not asked of the caller."""

_TYPES = {"str": "string", "int": "integer", "float": "number", "bool": "boolean", "list": "array", "dict": "object"}
_Function = Union[ast.FunctionDef, ast.AsyncFunctionDef]


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

    def __str__(self) -> str:
        return f"{self.name}: {self.type}" + ("" if self.required else f" = {self.default!r}")


@dataclasses.dataclass(frozen=True)
class ParsedWorkflow:
    """The name, first line of documentation and parameters of a workflow that can be run."""

    description: str
    parameters: tuple[WorkflowParameter, ...]


def filename_of(name: str) -> str:
    """The file that tracebacks and syntax errors name."""
    return f"<workflow {name}>"


def checked_name(name: Any) -> str:
    """``name`` as Python itself reads it in ``workflows.NAME``; raises for what cannot be written there."""
    if not isinstance(name, str):
        raise TypeError(f"the name of a workflow is text, not {type(name).__name__}")
    normal = unicodedata.normalize("NFKC", name)
    if not normal.isidentifier() or keyword.iskeyword(normal):
        raise InvalidWorkflowError(
            f"{name!r} cannot name a workflow.",
            "Use a Python identifier, such as fetch_titles: workflows.fetch_titles(...) calls it.",
        )
    if normal in RESERVED_NAMES:
        raise InvalidWorkflowError(
            f"{name!r} cannot name a workflow: workflows.{name} is a method already.", "Choose another name."
        )
    if normal.startswith("_"):
        raise InvalidWorkflowError(
            f"{name!r} cannot name a workflow: names that begin with _ are skipped.", "Choose another name."
        )
    return normal


def parse(name: str, source: Any) -> ParsedWorkflow:
    """Check that ``source`` is a workflow and say what it is.

    Raises ``SyntaxError`` with the place, or ``InvalidWorkflowError`` where there is no ``async def run``.
    """
    if not isinstance(source, str):
        raise TypeError(f"the source of a workflow is text, not {type(source).__name__}")
    tree = _tree(name, source)
    run = _run_function(name, tree)
    description = _first_line(ast.get_docstring(tree)) or _first_line(ast.get_docstring(run))
    return ParsedWorkflow(description, tuple(_parameters(name, run)))


def with_description(name: str, source: str, description: str) -> str:
    """``source`` with ``description`` as the first line of its docstring, where a file keeps it."""
    text = " ".join("".join(c if c.isprintable() else " " for c in description).split())
    if not text or text == parse(name, source).description:
        return source
    tree = _tree(name, source)
    existing = ast.get_docstring(tree, clean=False)
    if existing is None:
        return _literal(text) + "\n\n" + source
    node = tree.body[0]
    # Columns of the tree count UTF-8 bytes.
    lines = source.encode("utf-8").splitlines(keepends=True)
    before = b"".join(lines[: node.lineno - 1]) + lines[node.lineno - 1][: node.col_offset]
    end = (node.end_lineno or node.lineno) - 1
    after = lines[end][node.end_col_offset :] + b"".join(lines[end + 1 :])
    docstring = _literal(f"{text}\n\n{existing.strip()}\n" if existing.strip() else text)
    return (before + docstring.encode("utf-8") + after).decode("utf-8")


def _literal(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"""{escaped}"""'


def _tree(name: str, source: str) -> ast.Module:
    filename = filename_of(name)
    try:
        # compile() finds what the parser alone lets pass, such as a return outside a function.
        code = compile(source, filename, "exec", dont_inherit=True)
        tree = ast.parse(source, filename)
    except SyntaxError:
        raise
    except (ValueError, RecursionError, MemoryError) as error:
        raise InvalidWorkflowError(f"The source of the workflow {name!r} cannot be read: {error}.") from None
    for constant in code.co_consts:
        if getattr(constant, "co_name", "") == "run" and constant.co_flags & inspect.CO_ASYNC_GENERATOR:
            raise InvalidWorkflowError(
                f"`run` of the workflow {name!r} yields.", "A workflow gives one result: return a list instead."
            )
    return tree


def _run_function(name: str, tree: ast.Module) -> ast.AsyncFunctionDef:
    functions = [
        node
        for node in tree.body
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name == "run"
    ]
    # As when the module runs, the last definition counts.
    run: Optional[_Function] = functions[-1] if functions else None
    if isinstance(run, ast.AsyncFunctionDef):
        return run
    if run is not None:
        raise InvalidWorkflowError(
            f"The workflow {name!r} has a plain `def run` in line {run.lineno}.", "Write `async def run(...)`."
        )
    raise InvalidWorkflowError(
        f"The workflow {name!r} has no `run`.", "Define `async def run(...)` at the top level of its source."
    )


def _parameters(name: str, run: _Function) -> list[WorkflowParameter]:
    arguments = run.args
    if arguments.posonlyargs:
        raise InvalidWorkflowError(
            f"`run` of the workflow {name!r} has parameters that cannot be given by name.",
            "Take the `/` out of its signature: workflows are called with names.",
        )
    pairs: list[tuple[ast.arg, Optional[ast.expr]]] = []
    required = len(arguments.args) - len(arguments.defaults)
    pairs.extend(zip(arguments.args, [*[None] * required, *arguments.defaults]))
    pairs.extend(zip(arguments.kwonlyargs, arguments.kw_defaults))
    return [
        WorkflowParameter(
            name=argument.arg,
            type=_type_name(argument.annotation),
            description="",
            required=default is None,
            default=None if default is None else _value(default),
        )
        for argument, default in pairs
        if argument.arg not in NAMESPACE_NAMES
    ]


def _type_name(annotation: Optional[ast.expr]) -> str:
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        try:
            annotation = ast.parse(annotation.value, mode="eval").body
        except (SyntaxError, ValueError):
            return "any"
    if isinstance(annotation, ast.BinOp) and isinstance(annotation.op, ast.BitOr):
        return _optional(annotation.left, annotation.right)
    if isinstance(annotation, ast.Subscript):
        if _last_name(annotation.value) == "Optional":
            return _type_name(annotation.slice)
        return _type_name(annotation.value)
    return _TYPES.get(_last_name(annotation).lower(), "any")


def _optional(left: ast.expr, right: ast.expr) -> str:
    """The type of ``X | None``; other unions have no one name."""
    for one, other in ((left, right), (right, left)):
        if isinstance(other, ast.Constant) and other.value is None:
            return _type_name(one)
    return "any"


def _last_name(annotation: Optional[ast.expr]) -> str:
    if isinstance(annotation, ast.Name):
        return annotation.id
    return annotation.attr if isinstance(annotation, ast.Attribute) else ""


def _value(node: ast.expr) -> Any:
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return ast.unparse(node)


def _first_line(docstring: Optional[str]) -> str:
    return docstring.strip().split("\n")[0].strip() if docstring and docstring.strip() else ""
