"""``tools``: programs, MCP servers and HTTP APIs as Python callables."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    import builtins
    from typing import Any

    from .records import Tool


class Tools:
    """The tools that this session has: ``tools.list()``, ``tools.search("http")``."""

    def __init__(self, host: Any) -> None:
        self._host = host

    def list(self) -> builtins.list[Tool]:
        """All tools, by name."""
        result, _ = self._host.call("tools.list", {})
        return [_tool(entry) for entry in result]

    def search(self, query: str, limit: int = 5) -> builtins.list[Tool]:
        """The tools that fit ``query`` best, best first, at most ``limit``."""
        result, _ = self._host.call("tools.search", {"query": query, "limit": limit})
        return [_tool(entry) for entry in result]

    def __getattr__(self, name: str) -> Any:
        # Displays and completion ask for private names all the time: those cost no call to the host.
        if name.startswith("_"):
            raise AttributeError(name)
        raise AttributeError(f"There is no tool {name!r}: {_count(self.list())}.")

    def __repr__(self) -> str:
        return "<tools: list, search>"


def _count(tools: builtins.list[Tool]) -> str:
    if not tools:
        return "this session has 0 tools"
    noun = "tool" if len(tools) == 1 else "tools"
    return f"this session has {len(tools)} {noun} ({', '.join(tool.name for tool in tools)})"


def _tool(entry: dict[str, Any]) -> Tool:
    from .records import Tool

    return Tool.from_host(entry)
