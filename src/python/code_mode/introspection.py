"""Completion, inspection and the list of variables, read from the live namespace without running code."""

from __future__ import annotations

import builtins
import inspect
import keyword
import re
import sys
from types import ModuleType
from typing import Any, Iterable, Optional

from .open_call import open_call
from .tool import ToolProxy
from .tools import Tools
from .values import safe_repr
from .workflows import Workflows

_MISSING = object()
# What asks the host for its attributes, and knows them by `_completions`.
_ANSWERED = (Workflows, Tools, ToolProxy)
_LIMIT = 500
_CHAIN = re.compile(r"((?:[^\W\d]\w*\s*\.\s*)*)((?:[^\W\d]\w*)?)$")
_IMPORT = re.compile(r"^\s*(?:import\s+(?:[\w.]+(?:\s+as\s+\w+)?\s*,\s*)*|from\s+)([\w.]*)$")
_FROM = re.compile(r"^\s*from\s+([\w.]+)\s+import\s+(?:\(?\s*(?:\w+(?:\s+as\s+\w+)?\s*,\s*)*)(\w*)$")
_KEY = re.compile(r"([^\W\d]\w*(?:\.[^\W\d]\w*)*)\[\s*(['\"])([^'\"\\\n]*)$")


def complete(namespace: dict[str, Any], code: str, cursor: int) -> dict[str, Any]:
    """Completions at ``cursor``, an offset in UTF-16 code units; ``{"start", "end", "items"}`` likewise."""
    before = _before(code, cursor)
    line = before.rpartition("\n")[2]
    prefix, items = _candidates(namespace, line)
    items = _arguments(namespace, before, prefix) + items
    start = cursor - len(prefix.encode("utf-16-le", "surrogatepass")) // 2
    return {"start": start, "end": cursor, "items": items[:_LIMIT]}


def inspect_name(namespace: dict[str, Any], code: str, cursor: int) -> Optional[dict[str, str]]:
    """What is known about the dotted name that ``cursor`` stands in, or None."""
    before = _before(code, cursor)
    after = code[len(before) :]
    match = _CHAIN.search(before)
    tail = re.match(r"\w*", after)
    name = re.sub(r"\s", "", (match.group(0) if match else "") + (tail.group(0) if tail else ""))
    if not name or keyword.iskeyword(name):
        return None
    value = _resolve(namespace, name.split("."))
    if value is _MISSING:
        return None
    return {
        "name": name,
        "type": type(value).__name__,
        "signature": _signature(name.rpartition(".")[2], value),
        "documentation": _documentation(value),
        "value": "" if callable(value) or isinstance(value, ModuleType) else safe_repr(value, 2_000),
    }


def variables(namespace: dict[str, Any], reserved: Iterable[str]) -> list[dict[str, str]]:
    """The user's variables: names that neither begin with an underscore nor are ``reserved`` or modules."""
    hidden = set(reserved)
    return [
        {
            "name": name,
            "type": type(value).__name__,
            "value": safe_repr(value, 200),
            "size": _size(value),
        }
        for name, value in list(namespace.items())
        if not name.startswith("_") and name not in hidden and not isinstance(value, ModuleType)
    ]


def _before(code: str, cursor: int) -> str:
    return code.encode("utf-16-le", "surrogatepass")[: cursor * 2].decode("utf-16-le", "surrogatepass")


def _candidates(namespace: dict[str, Any], line: str) -> tuple[str, list[dict[str, str]]]:
    imported = _FROM.match(line)
    if imported:
        module = sys.modules.get(imported.group(1))
        names = [] if module is None else _members(module)
        return imported.group(2), _items(module, names, imported.group(2))
    imported = _IMPORT.match(line)
    if imported:
        prefix = imported.group(1)
        return prefix, [_item(name, "module", "") for name in _modules() if name.startswith(prefix)]
    key = _KEY.search(line)
    if key:
        owner = _resolve(namespace, key.group(1).split("."))
        keys = _keys(owner) if owner is not _MISSING else []
        prefix = key.group(3)
        return prefix, [_item(name, "property", "") for name in keys if name.startswith(prefix)]
    chain = _CHAIN.search(line)
    if chain is None:
        return "", []
    path = [part for part in re.sub(r"\s", "", chain.group(1)).split(".") if part]
    prefix = chain.group(2)
    if path:
        owner = _resolve(namespace, path)
        return prefix, [] if owner is _MISSING else _items(owner, _members(owner), prefix)
    if line[: len(line) - len(prefix)].rstrip().endswith("."):
        # After the dot of something that is no plain name, such as a call: unknown without running it.
        return prefix, []
    names = {**vars(builtins), **namespace}
    found = [
        _item(name, _kind(value), type(value).__name__)
        for name, value in sorted(names.items())
        if name.startswith(prefix) and (prefix.startswith("_") or not name.startswith("_"))
    ]
    return prefix, found + [_item(word, "keyword", "") for word in keyword.kwlist if word.startswith(prefix)]


def _arguments(namespace: dict[str, Any], before: str, prefix: str) -> list[dict[str, str]]:
    """The names of the arguments that can stand at the end of ``before``."""
    call = open_call(before)
    function = _MISSING if call is None else _resolve(namespace, call.callee.split("."))
    if call is None or not callable(function):
        return []
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return []
    return [
        _item(f"{parameter.name}=", "property", str(parameter))
        for parameter in parameters
        if parameter.kind in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY)
        and parameter.name.startswith(prefix)
        and parameter.name not in call.given
    ]


def _items(owner: Any, names: Iterable[str], prefix: str) -> list[dict[str, str]]:
    items = []
    fetched = owner._completions() if isinstance(owner, _ANSWERED) else {}
    for name in names:
        if not name.startswith(prefix) or (name.startswith("_") and not prefix.startswith("_")):
            continue
        if name in fetched:
            # Getting each of them would be a call to the host.
            items.append(_item(name, "function", fetched[name]))
            continue
        value = _attribute(owner, name)
        items.append(_item(name, "property" if value is _MISSING else _kind(value), ""))
    return items


def _item(text: str, kind: str, detail: str) -> dict[str, str]:
    return {"text": text, "kind": kind, "detail": detail}


def _members(owner: Any) -> list[str]:
    try:
        return sorted(name for name in dir(owner) if isinstance(name, str))
    except Exception:  # __dir__ is user code
        return []


def _keys(owner: Any) -> list[str]:
    try:
        keys = owner if isinstance(owner, (dict, Tools, ToolProxy)) else getattr(owner, "columns", ())
        return [key for key in list(keys)[:_LIMIT] if isinstance(key, str)]
    except Exception:
        return []


def _modules() -> list[str]:
    known = set(sys.modules) | set(getattr(sys, "stdlib_module_names", ()))
    return sorted(name for name in known if not name.startswith("_"))


def _resolve(namespace: dict[str, Any], path: list[str]) -> Any:
    value = namespace.get(path[0], getattr(builtins, path[0], _MISSING))
    for name in path[1:]:
        if value is _MISSING:
            break
        value = _attribute(value, name)
    return value


def _attribute(owner: Any, name: str) -> Any:
    """The attribute, unless getting it would run code such as a property's."""
    try:
        found = inspect.getattr_static(owner, name)
    except Exception:
        # Modules with __getattr__, proxies: only what really is a module, or our own, is asked.
        return getattr(owner, name, _MISSING) if type(owner) in (ModuleType, *_ANSWERED) else _MISSING
    if isinstance(found, (staticmethod, classmethod)) or inspect.isroutine(found) or inspect.isclass(found):
        return getattr(owner, name, _MISSING)
    if hasattr(type(found), "__get__"):
        return _MISSING
    return found


def _kind(value: Any) -> str:
    if isinstance(value, ModuleType):
        return "module"
    if isinstance(value, type):
        return "class"
    return "function" if callable(value) else "variable"


def _signature(name: str, value: Any) -> str:
    if not callable(value):
        return ""
    try:
        return f"{name}{inspect.signature(value)}"
    except (TypeError, ValueError):
        return ""


def _documentation(value: Any) -> str:
    if not callable(value) and not isinstance(value, ModuleType):
        return ""
    # As large as all that the rest of this module imports.
    import pydoc

    return pydoc.getdoc(value)[:20_000]


def _size(value: Any) -> str:
    shape = getattr(value, "shape", None)
    if isinstance(shape, tuple):
        return " × ".join(map(str, shape))
    try:
        return f"{len(value):,}" if hasattr(type(value), "__len__") else ""
    except Exception:  # __len__ is user code
        return ""
