"""``tools``: programs, MCP servers and HTTP APIs as Python callables."""

import builtins as _builtins
import collections.abc as _abc
import typing as _typing
from collections.abc import Callable, Generator
from typing import Any, Generic, TypeVar

from typing_extensions import Concatenate, ParamSpec

from .tool_records import Tool as _Tool
from .tool_records import ToolCallable as _ToolRecord

_P = ParamSpec("_P")
_R = TypeVar("_R", covariant=True)

class _Text(_builtins.str):
    """The text that a call gives; with ``await`` in front of the call, it is awaited."""

    def __await__(self) -> Generator[Any, Any, _builtins.str]: ...

class _ToolCallable(Generic[_P, _R]):
    """Called by ``tools.NAME.CALLABLE(...)``; with ``await`` in front, other tasks go on meanwhile."""

    def __call__(self, /, *args: _P.args, **kwargs: _P.kwargs) -> Any: ...
    def call_sync(self, /, *args: _P.args, **kwargs: _P.kwargs) -> _R: ...
    async def call_async(self, /, *args: _P.args, **kwargs: _P.kwargs) -> _R: ...
    def signature(self) -> _builtins.str:
        """Its name and parameters as text: ``get(url: str, limit: int = 3)``."""

class _TextCallable(_ToolCallable[_P, _builtins.str]):
    def __call__(self, /, *args: _P.args, **kwargs: _P.kwargs) -> _Text: ...

def _callable(method: Callable[Concatenate[Any, _P], _R]) -> _ToolCallable[_P, _R]: ...
def _text(method: Callable[Concatenate[Any, _P], _builtins.str]) -> _TextCallable[_P]: ...

class _ToolNamespace:
    def list(self) -> _builtins.list[_ToolRecord]:
        """What it can do."""

    def __getitem__(self, name: _builtins.str) -> _ToolCallable[..., Any]:
        """The callable of that name, also where Python cannot write it behind a dot: ``tools.web["get-page"]``."""

class Tools:
    """Programs, MCP servers and HTTP APIs as Python callables: ``tools.NAME.CALLABLE(...)`` calls one.

    ``tools.list()`` shows them, ``tools.search("http")`` finds them, ``tools.jq.query(filter=".a", input=text)``
    calls one and waits, ``await tools.jq.query(...)`` lets other tasks go on meanwhile. Where the call and the
    ``await`` stand apart, as in ``asyncio.gather``, say ``tools.jq.query.call_async(...)``.
    """

    def list(self) -> _builtins.list[_Tool]:
        """All tools, by name. One whose server does not start is there without callables, with a warning."""

    def search(self, query: _builtins.str, limit: _builtins.int = 5) -> _builtins.list[_Tool]:
        """The tools that fit the words of ``query``, best first, at most ``limit``."""

    def __iter__(self) -> _abc.Iterator[_builtins.str]: ...
    def __getitem__(self, name: _builtins.str) -> _typing.Any:
        """The tool of that name, also one that is called like a method: ``tools["list"]``."""
