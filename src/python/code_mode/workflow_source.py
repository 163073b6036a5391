"""The exact check of a workflow's source, by the Python that will run it: nothing of it is executed here.

What a source says (its description, its parameters) is found by the host.
"""

from __future__ import annotations

import ast
import inspect
import keyword
import unicodedata
from typing import Any, Optional, Union

from .errors import InvalidWorkflowError

RESERVED_NAMES = frozenset(("list", "search", "get", "invoke", "create", "delete"))
"""What ``workflows.NAME`` means already."""

_Function = Union[ast.FunctionDef, ast.AsyncFunctionDef]


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


def check(name: str, source: Any) -> None:
    """Check that ``source`` is a workflow.

    Raises ``SyntaxError`` with the place, or ``InvalidWorkflowError`` where there is no ``async def run`` that can
    be called by names.
    """
    if not isinstance(source, str):
        raise TypeError(f"the source of a workflow is text, not {type(source).__name__}")
    run = _run_function(name, _tree(name, source))
    if run.args.posonlyargs:
        raise InvalidWorkflowError(
            f"`run` of the workflow {name!r} has parameters that cannot be given by name.",
            "Take the `/` out of its signature: workflows are called with names.",
        )


def with_description(name: str, source: str, description: str) -> str:
    """``source`` with ``description`` as the first line of its docstring, where a file keeps it."""
    text = " ".join("".join(c if c.isprintable() else " " for c in description).split())
    if not text or text == description_of(name, source):
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


def description_of(name: str, source: str) -> str:
    """The first line of the module's docstring, or else of ``run``'s."""
    tree = _tree(name, source)
    return _first_line(ast.get_docstring(tree)) or _first_line(ast.get_docstring(_run_function(name, tree)))


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


def _first_line(docstring: Optional[str]) -> str:
    return docstring.strip().split("\n")[0].strip() if docstring and docstring.strip() else ""
