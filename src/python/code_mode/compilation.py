"""From the text of a run to code objects: a body, the value of a last expression, top-level await."""

from __future__ import annotations

# The module ast itself brings more, which takes longer to import than all of ours.
import _ast
import io

from .imports import when_imported

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ast
    from types import CodeType
    from typing import Any, Optional

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
        return _awaits(self.body) or _awaits(self.expression)


def _awaits(code: Optional[CodeType]) -> bool:
    return code is not None and bool(code.co_flags & CO_COROUTINE)


def compile_code(source: str, filename: str, first_line: int, awaits_asyncio_run: bool) -> CompiledCode:
    """Compile ``source``, the first line of which is line ``first_line`` of ``filename``.

    With ``awaits_asyncio_run``, ``asyncio.run(main())`` at the top level becomes an await; in code that awaits
    itself, during which the event loop runs, it always does. The value of a last expression is kept unless a
    semicolon follows it. Raises ``SyntaxError`` with the user's own line numbers, ``ValueError`` for a NUL in the
    source.
    """
    remember_lines(source, filename, first_line)
    flags = _ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    tree = _parse(source, filename, first_line, flags | _ast.PyCF_ONLY_AST)
    if awaits_asyncio_run and "asyncio" in source:
        from .asyncio_run import awaiting_asyncio_run

        tree = awaiting_asyncio_run(tree)
    expression = body = None
    try:
        if tree.body and isinstance(tree.body[-1], _ast.Expr) and not _ends_with_semicolon(source, tree, first_line):
            last = tree.body.pop()
            expression = compile(_ast.Expression(last.value), filename, "eval", flags, dont_inherit=True)
        if tree.body:
            body = compile(tree, filename, "exec", flags, dont_inherit=True)
    except SyntaxError as error:
        if error.text is None and error.lineno:
            # Of a tree, the compiler knows the text only where there is a file.
            error.text = _lines[filename][2][error.lineno - 1]
        raise
    code = CompiledCode(body, expression)
    if code.is_async and not awaits_asyncio_run and "asyncio" in source:
        return compile_code(source, filename, first_line, awaits_asyncio_run=True)
    return code


def _parse(source: str, filename: str, first_line: int, flags: int) -> ast.Module:
    def parse(text: str) -> ast.Module:
        # Blank lines in front give every node, and every error, the line number that the user sees.
        return compile("\n" * (first_line - 1) + text, filename, "exec", flags, dont_inherit=True)

    try:
        return parse(source)
    except SyntaxError as error:
        refused = error
    # No statement of Python begins so. What Python understands is not searched for magics.
    if any(line.lstrip()[:1] in ("%", "!") for line in source.splitlines()):
        from .magics import parse_with_magics

        tree = parse_with_magics(source, filename, first_line, parse)
        if tree is not None:
            return tree
    raise refused


# What linecache knows of a file, by its name; from its import on, its own cache.
_lines: dict[str, Any] = {}


def _fill_linecache(linecache: Any) -> None:
    global _lines
    linecache.cache.update(_lines)
    _lines = linecache.cache


when_imported("linecache", _fill_linecache)


def remember_lines(source: str, filename: str, first_line: int) -> None:
    """Let tracebacks show the lines of ``source``; earlier runs of other lines of the file stay known."""
    # As Python counts them, by other rules than splitlines. Without its last newline, a line is marked a column off.
    lines = io.StringIO(source if source.endswith("\n") else f"{source}\n", newline=None).readlines()
    entry = _lines.get(filename)
    known = list(entry[2]) if entry is not None and len(entry) == 4 and first_line > 1 else []
    end = first_line - 1 + len(lines)
    known.extend(["\n"] * (end - len(known)))
    known[first_line - 1 : end] = lines
    # No modification time: linecache.checkcache() then leaves the entry alone.
    _lines[filename] = (sum(map(len, known)), None, known, filename)


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
