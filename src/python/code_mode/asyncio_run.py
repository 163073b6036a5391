"""``asyncio.run(main())`` at the top level of a run, where the session's own event loop cannot make room for another."""

from __future__ import annotations

import ast
import builtins
import inspect
from typing import Any

# The name of the awaitable form of asyncio.run, a builtin.
_ASYNCIO_RUN = "__code_mode_asyncio_run__"


def awaiting_asyncio_run(tree: ast.Module) -> ast.Module:
    """``tree`` with an await in place of each ``asyncio.run(main())`` of its top level."""
    return ast.fix_missing_locations(_AsyncioRun().visit(tree))


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
            name = ast.copy_location(ast.Name(_ASYNCIO_RUN, ast.Load()), function)
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
    if not inspect.iscoroutine(main):
        raise ValueError(f"a coroutine was expected, got {main!r}")
    return await main


setattr(builtins, _ASYNCIO_RUN, asyncio_run)
