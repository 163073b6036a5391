"""From the text of a run to code objects: a body, the value of a last expression, top-level await."""

from __future__ import annotations

import ast
import linecache
import warnings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType
    from typing import Any, Optional

# The name under which the awaitable form of asyncio.run is put into the session; see _AsyncioRun.
ASYNCIO_RUN = "__code_mode_asyncio_run__"

# The flag of a code object that awaits at its top level; inspect.CO_COROUTINE, which costs an import.
CO_COROUTINE = 0x80


class CompiledCode:
    """Code that is ready to run: ``body``, then ``expression``, whose value is the run's."""

    def __init__(self, body: Optional[CodeType], expression: Optional[CodeType]) -> None:
        self.body = body
        self.expression = expression

    @property
    def is_async(self) -> bool:
        """Whether the code awaits at its top level."""
        return any(
            part is not None and bool(part.co_flags & CO_COROUTINE)
            for part in (self.body, self.expression)
        )


def compile_code(source: str, filename: str, first_line: int, awaits_asyncio_run: bool) -> CompiledCode:
    """Compile ``source``, the first line of which is line ``first_line`` of ``filename``.

    With ``awaits_asyncio_run``, ``asyncio.run(main())`` at the top level becomes an await. The value of a last expression is kept unless a semicolon follows it. Raises ``SyntaxError`` with the
    user's own line numbers, ``ValueError`` for a NUL in the source.
    """
    remember_lines(source, filename, first_line)
    # Blank lines in front give every node, and every error, the line number that the user sees.
    padded = "\n" * (first_line - 1) + source
    flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    with warnings.catch_warnings():
        # compile() below would warn about the same lines once more.
        warnings.simplefilter("ignore", SyntaxWarning)
        tree = compile(padded, filename, "exec", flags | ast.PyCF_ONLY_AST, dont_inherit=True)
    if awaits_asyncio_run and "asyncio" in source:
        tree = ast.fix_missing_locations(_AsyncioRun().visit(tree))
    expression = None
    if tree.body and isinstance(tree.body[-1], ast.Expr) and not _ends_with_semicolon(source, tree, first_line):
        last = tree.body.pop()
        wrapped = ast.Expression(last.value)
        expression = compile(wrapped, filename, "eval", flags, dont_inherit=True)
    body = compile(tree, filename, "exec", flags, dont_inherit=True) if tree.body else None
    return CompiledCode(body, expression)


def remember_lines(source: str, filename: str, first_line: int) -> None:
    """Let tracebacks show the lines of ``source``; earlier runs of other lines of the file stay known."""
    lines = source.splitlines(keepends=True)
    entry = linecache.cache.get(filename)
    known = list(entry[2]) if entry is not None and len(entry) == 4 and first_line > 1 else []
    end = first_line - 1 + len(lines)
    known.extend(["\n"] * (end - len(known)))
    known[first_line - 1 : end] = lines
    # No modification time: linecache.checkcache() then leaves the entry alone.
    linecache.cache[filename] = (sum(map(len, known)), None, known, filename)


def _ends_with_semicolon(source: str, tree: ast.Module, first_line: int) -> bool:
    if ";" not in source:
        return False
    last = tree.body[-1]
    lines = source.split("\n")
    rest = lines[(last.end_lineno or 1) - first_line :]
    if not rest:
        return False
    # Columns of the tree count UTF-8 bytes.
    rest[0] = rest[0].encode("utf-8", "surrogatepass")[last.end_col_offset or 0 :].decode("utf-8", "replace")
    return any(line.strip().startswith(";") for line in rest)


class _AsyncioRun(ast.NodeTransformer):
    """``asyncio.run(main())`` at the top level becomes an await.

    The session's own event loop is running already, where ``asyncio.run`` would refuse or, in Pyodide,
    return before the program is done; scripts end with this line all the same.
    """

    def visit_Call(self, node: ast.Call) -> Any:
        self.generic_visit(node)
        function = node.func
        if (
            isinstance(function, ast.Attribute)
            and function.attr == "run"
            and isinstance(function.value, ast.Name)
            and function.value.id == "asyncio"
        ):
            name = ast.copy_location(ast.Name(ASYNCIO_RUN, ast.Load()), function)
            call = ast.copy_location(ast.Call(name, node.args, node.keywords), node)
            return ast.copy_location(ast.Await(call), node)
        return node

    def _keep(self, node: ast.AST) -> ast.AST:
        # An inner scope has no top-level await.
        return node

    visit_FunctionDef = visit_AsyncFunctionDef = visit_Lambda = visit_ClassDef = _keep
    visit_GeneratorExp = visit_ListComp = visit_SetComp = visit_DictComp = _keep


async def asyncio_run(main: Any, *, debug: Any = None, loop_factory: Any = None) -> Any:
    """What ``asyncio.run(main)`` at the top level of a run does: await ``main`` on the session's loop."""
    import inspect

    if not inspect.iscoroutine(main):
        raise ValueError(f"a coroutine was expected, got {main!r}")
    return await main
