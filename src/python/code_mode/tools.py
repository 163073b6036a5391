"""``tools``: programs, MCP servers and HTTP APIs as Python callables."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    import builtins
    from typing import Any, Iterable, Iterator, Optional

    from .tool_records import Tool
    from .tool import ToolProxy

# Every start imports the namespaces; what only their calls need is imported there.


class Tools:
    """Programs, MCP servers and HTTP APIs as Python callables: ``tools.NAME.CALLABLE(...)`` calls one.

    ``tools.list()`` shows them, ``tools.search("http")`` finds them, ``tools.jq.query(filter=".a", input=text)``
    calls one and waits, ``await tools.jq.query(...)`` lets other tasks go on meanwhile. Where the call and the
    ``await`` stand apart, as in ``asyncio.gather``, say ``tools.jq.query.call_async(...)``. Arguments go by name; one
    that is None is as good as not given, but where None is a value of it.
    """

    def __init__(self, host: Any) -> None:
        self._host = host
        # What was used already, by name: so that a call is one call of the host.
        self._proxies: dict[str, ToolProxy] = {}
        # What was warned of already: tools and their problems.
        self._warned: set[tuple[str, str]] = set()

    def list(self) -> builtins.list[Tool]:
        """All tools, by name. One whose server does not start is there without callables, with a warning."""
        entries, _ = self._host.call("tools.list", {})
        found = {entry["name"]: entry for entry in entries}
        for name, proxy in [*self._proxies.items()]:
            if name in found:
                proxy._update(found[name])
            else:
                self._forget(name)
        return self._records(entries)

    def search(self, query: str, limit: int = 5) -> builtins.list[Tool]:
        """The tools that fit the words of ``query``, best first, at most ``limit``."""
        if not isinstance(query, str):
            raise TypeError(f"query is text, not {type(query).__name__}")
        if isinstance(limit, bool) or not isinstance(limit, int) or limit < 1:
            raise ValueError(f"limit is a whole number above zero, not {limit!r}")
        entries, _ = self._host.call("tools.search", {"query": query, "limit": limit})
        return self._records(entries)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names())

    def __getitem__(self, name: str) -> ToolProxy:
        """The tool of that name, also one that is called like a method: ``tools["list"]``."""
        if not isinstance(name, str):
            raise TypeError(f"the name of a tool is text, not {type(name).__name__}")
        found = self._find(name)
        if found is None:
            from .errors import ToolNotFoundError

            raise ToolNotFoundError(name, *self._missing(name))
        return found

    def __getattr__(self, name: str) -> ToolProxy:
        # Displays and completion ask for private names all the time: those cost no call to the host.
        if name.startswith("_"):
            raise AttributeError(name)
        found = self._proxies.get(name)
        if found is not None:
            return found
        from .errors import CodeModeError

        try:
            found = self._find(name)
            if found is not None:
                return found
            fault = " ".join(self._missing(name))
        except CodeModeError as error:
            raise AttributeError(f"tools.{name} cannot be used: {error}") from error
        raise AttributeError(fault)

    def __dir__(self) -> builtins.list[str]:
        return sorted({*super().__dir__(), *self._completions()})

    def __repr__(self) -> str:
        return "<tools: list, search>"

    def _completions(self) -> dict[str, str]:
        """What completion shows besides the methods. No server is started for it, so that little is known."""
        from .errors import CodeModeError

        try:
            return dict.fromkeys(self._names(), "tool")
        except CodeModeError:
            return {}

    def _names(self) -> builtins.list[str]:
        names, _ = self._host.call("tools.names", {})
        return names

    def _find(self, name: str) -> Optional[ToolProxy]:
        return self._proxies.get(name) or self._fetch(name)

    def _fetch(self, name: str, proxy: Optional[ToolProxy] = None) -> Optional[ToolProxy]:
        """Ask the host for the tool of that name: ``proxy``, or a new one, knows it then. None if there is none."""
        entry, _ = self._host.call("tools.get", {"name": name})
        if entry is None:
            self._forget(name)
            return None
        if proxy is None:
            from .tool import ToolProxy

            proxy = ToolProxy(self, entry)
        else:
            proxy._update(entry)
        self._proxies[name] = proxy
        return proxy

    def _forget(self, name: str) -> None:
        self._proxies.pop(name, None)

    def _missing(self, name: str) -> tuple[str, str]:
        """A message and a hint about a tool that there is not."""
        from .tool import suggestion

        names = self._names()
        count = "1 tool" if len(names) == 1 else f"{len(names):,} tools"
        return f"There is no tool {name!r}: this session has {count}.", suggestion("tools", name, names)

    def _records(self, entries: builtins.list[dict[str, Any]]) -> builtins.list[Tool]:
        from .tool_records import Tool

        self._warn_of(entries)
        return [Tool.from_host(entry) for entry in entries]

    def _warn_of(self, entries: Iterable[dict[str, Any]]) -> None:
        """Warn, where the code called a method that called this, of tools that cannot be used; of each once."""
        for entry in entries:
            problem = (entry["name"], entry["problem"])
            if entry["problem"] is None or problem in self._warned:
                continue
            self._warned.add(problem)
            import warnings

            from .tool import ToolWarning

            message = f"The tool {entry['name']!r} cannot be used now: {entry['problem']}"
            warnings.warn(message, ToolWarning, stacklevel=4)
