"""A tool and its callables, called like functions: what ``tools.NAME`` and ``tools.NAME.CALLABLE`` are."""

from __future__ import annotations

import builtins
import sys

from .awaiting import is_awaited
from .errors import CodeModeError, NotFoundError, ToolArgumentsError, ToolNotFoundError
from .tool_values import Arguments, received

TYPE_CHECKING = False
if TYPE_CHECKING:
    import inspect
    from typing import Any, Iterable, Iterator, Optional

    from .tool_records import ToolCallable
    from .tools import Tools

# Records, which signatures and texts need, are imported there: a call is to be quick the first time as well.

# Names that an error lists.
_LISTED = 20


class ToolWarning(UserWarning):
    """A tool of the workspace cannot be used now."""


class _Proxy:
    """What can be called of a tool. What it takes is known from the host, and asked again where that counts."""

    def __init__(self, tools: Tools, tool: str, callable: Optional[str]) -> None:
        self._tools = tools
        self._tool = tool
        # None: the tool itself.
        self._callable = callable
        self._path = f"tools.{tool}" if callable is None else f"tools.{tool}.{callable}"
        # The host's ToolCallableInfo; None: it cannot be called.
        self._description: Optional[dict[str, Any]] = None
        # For completion and help().
        self.__name__ = callable or tool
        self.__qualname__ = self._path

    def __call__(self, /, *positional: Any, **arguments: Any) -> Any:
        """Call it: its result, or something to await where the call stands behind ``await``."""
        if is_awaited(sys._getframe(1)):
            return self.call_async(*positional, **arguments)
        return self.call_sync(*positional, **arguments)

    def call_sync(self, /, *positional: Any, **arguments: Any) -> Any:
        """Call it and wait for the result."""
        request, buffers = self._request(positional, arguments)
        try:
            return received(*self._tools._host.call("tools.call", request, buffers))
        except (NotFoundError, ToolArgumentsError) as error:
            raise self._contradicted(error) from None

    async def call_async(self, /, *positional: Any, **arguments: Any) -> Any:
        """Await the result; other tasks go on meanwhile."""
        request, buffers = self._request(positional, arguments)
        try:
            return received(*await self._tools._host.call_async("tools.call", request, buffers))
        except (NotFoundError, ToolArgumentsError) as error:
            raise self._contradicted(error) from None

    @property
    def __signature__(self) -> inspect.Signature:
        return self._record().__signature__

    def _refresh(self) -> None:
        """Ask the host again what it takes; what cannot be asked stays as it was known."""
        raise NotImplementedError

    def _offer(self) -> Optional[str]:
        """What to call in its place."""
        return None

    def _record(self) -> ToolCallable:
        """What it takes now. Raises ``TypeError`` where it cannot be called."""
        self._refresh()
        if self._description is None:
            raise ToolArgumentsError("tool-arguments", f"{self._path} itself cannot be called.", self._offer())
        from .tool_records import ToolCallable

        return ToolCallable.from_host(self._description)

    def _request(
        self, positional: tuple[Any, ...], given: dict[str, Any]
    ) -> tuple[dict[str, Any], builtins.list[bytes]]:
        if positional or self._description is None:
            record = self._record()
            if positional:
                message = f"{self._path} takes its arguments by name, not by position."
                raise ToolArgumentsError("tool-arguments", message, f"Its signature is {record.signature()}.")
        arguments = Arguments(self._path, given)
        request = {
            "tool": self._tool,
            "callable": self._callable,
            "arguments": arguments.plain,
            "bytes": arguments.places,
        }
        return request, arguments.buffers

    def _contradicted(self, error: CodeModeError) -> CodeModeError:
        """The error to raise for one by which the host knows the tool better: it is asked anew the next time."""
        self._tools._forget(self._tool)
        if isinstance(error, NotFoundError):
            return ToolNotFoundError(self._tool, error.message, error.hint)
        return error


class CallableProxy(_Proxy):
    # Its documentation is the callable's.

    def __init__(self, tools: Tools, owner: ToolProxy, name: str) -> None:
        super().__init__(tools, owner._tool, name)
        self._owner = owner

    def signature(self) -> str:
        """Its name and parameters as text: ``get(url: str, limit: int = 3)``."""
        return self._record().signature()

    @property
    def __doc__(self) -> str:  # type: ignore[override]
        return self._record().documentation()

    def __repr__(self) -> str:
        from .tool_records import ToolCallable

        return repr(ToolCallable.from_host(self._description or {}))

    def _refresh(self) -> None:
        self._owner._refresh()


class ToolProxy(_Proxy):
    # Its documentation is the tool's.

    def __init__(self, tools: Tools, entry: dict[str, Any]) -> None:
        super().__init__(tools, entry["name"], None)
        self._callables: dict[str, CallableProxy] = {}
        self._update(entry)

    def list(self) -> builtins.list[ToolCallable]:
        """What it can do."""
        self._refresh()
        (record,) = self._tools._records([self._entry])
        return [*record.callables]

    def __iter__(self) -> Iterator[str]:
        return iter(self._completions())

    def __getitem__(self, name: str) -> CallableProxy:
        """The callable of that name, also one that cannot stand behind a dot: ``tools.web["get-page"]``."""
        found = self._find(name)
        if found is None:
            raise ToolNotFoundError(self._tool, *self._missing(name))
        return found

    def __getattr__(self, name: str) -> CallableProxy:
        # Displays and completion ask for private names all the time: those cost no call to the host.
        if name.startswith("_"):
            raise AttributeError(name)
        found = self._find(name)
        if found is None:
            raise AttributeError(" ".join(self._missing(name)))
        return found

    def __dir__(self) -> builtins.list[str]:
        return sorted({*super().__dir__(), *self._completions()})

    @property
    def __doc__(self) -> str:  # type: ignore[override]
        self._refresh()
        return repr(self)

    def __repr__(self) -> str:
        from .tool_records import Tool

        return repr(Tool.from_host(self._entry))

    def _completions(self) -> dict[str, str]:
        """The description of each callable by its name: what completion shows besides the methods."""
        self._refresh()
        return {entry["name"]: entry["description"] for entry in self._entry["callables"]}

    def _update(self, entry: dict[str, Any]) -> None:
        """Take what the host says of the tool now."""
        known = self._callables
        self._entry = entry
        self._description = entry["direct"]
        self._callables = {}
        for described in entry["callables"]:
            name = described["name"]
            self._callables[name] = known.get(name) or CallableProxy(self._tools, self, name)
            self._callables[name]._description = described

    def _refresh(self) -> None:
        try:
            self._tools._fetch(self._tool, self)
        except CodeModeError:
            pass

    def _offer(self) -> Optional[str]:
        return self._entry["problem"] or f"What it has: {', '.join(self._callables)}."

    def _find(self, name: str) -> Optional[CallableProxy]:
        found = self._callables.get(name)
        if found is None:
            self._refresh()
            found = self._callables.get(name) or self._callables.get(self._python_names().get(name, name))
        return found

    def _python_names(self) -> dict[str, str]:
        return {entry["originalName"]: entry["name"] for entry in self._entry["callables"]}

    def _missing(self, name: str) -> tuple[str, str]:
        """A message and a hint about a callable that there is not."""
        problem = self._entry["problem"]
        if problem is not None:
            return f"{self._path}.{name} cannot be used:", problem
        return f"The tool {self._tool!r} has no callable {name!r}.", suggestion(self._path, name, self._callables)


def suggestion(path: str, name: str, names: Iterable[str]) -> str:
    """What could have been meant with ``name`` behind ``path``, and what there is."""
    import difflib

    names = [*names]
    more = f" and {len(names) - _LISTED:,} more" if len(names) > _LISTED else ""
    there = f"There are: {', '.join(names[:_LISTED])}{more}." if names else "There are none."
    similar = difflib.get_close_matches(name, names, n=1)
    return f"Did you mean {path}.{similar[0]}? {there}" if similar else there
