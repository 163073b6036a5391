"""The call whose arguments are being typed, found in text that need not be whole Python yet."""

from __future__ import annotations

import re
from typing import NamedTuple, Optional

_TOKEN = re.compile(
    r'#[^\n]*|"""(?:\\.|[^\\])*?"""|\'\'\'(?:\\.|[^\\])*?\'\'\'|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|[\'"()\[\]{},]',
    re.DOTALL,
)
_CALLEE = re.compile(r"(?:[^\W\d]\w*\s*\.\s*)*[^\W\d]\w*\s*$")
_KEYWORD = re.compile(r"\s*([^\W\d]\w*)\s*=(?!=)")
_NAME = re.compile(r"\s*\w*$")


class OpenCall(NamedTuple):
    """A call that is still open: the dotted name of what is called, and the keywords it has already."""

    callee: str
    given: frozenset[str]


class _Bracket:
    def __init__(self, text: str, place: int) -> None:
        self.is_call = text == "("
        self.place = place
        # Where the argument that is being typed begins.
        self.argument = place + 1
        self.given: set[str] = set()


def open_call(before: str) -> Optional[OpenCall]:
    """The call in whose parentheses ``before`` ends, where a new argument or its name would stand."""
    brackets: list[_Bracket] = []
    for token in _TOKEN.finditer(before):
        text, place = token.group(), token.start()
        if text in "([{":
            brackets.append(_Bracket(text, place))
        elif text in ")]}":
            if brackets:
                brackets.pop()
        elif text == ",":
            if brackets:
                keyword = _KEYWORD.match(before, brackets[-1].argument, place)
                brackets[-1].given.update(keyword.groups() if keyword else ())
                brackets[-1].argument = place + 1
        elif (text in "'\"" or text.startswith("#")) and "\n" not in before[place:]:
            # Inside a string or a comment.
            return None
        elif text.startswith("#") and brackets and not before[brackets[-1].argument : place].strip():
            brackets[-1].argument = token.end()
    if not brackets or not brackets[-1].is_call or not _NAME.match(before, brackets[-1].argument):
        return None
    callee = _CALLEE.search(before[: brackets[-1].place])
    return callee and OpenCall(re.sub(r"\s", "", callee.group()), frozenset(brackets[-1].given))
