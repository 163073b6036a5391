"""Lines such as ``%pip install six``, which notebooks have and Python has not: each becomes a call.

There are those of :mod:`code_mode.pip_lines` and ``%matplotlib inline``; any other is a ``SyntaxError`` that says so. No
shell runs, ever.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from typing import Callable, Optional

from .pip_lines import pip_call

_SUPPORTED = "There are %pip install, uninstall, list, freeze and show (also as %uv pip, !pip, !uv pip) and %matplotlib inline."
# Not `% name`, which is arithmetic that goes on after a bracket that was forgotten, and not `!=`.
_MAGIC = re.compile(r"[ \t\f]*(?:%%?(?=\w)|!!?(?!=))")
_SHOWS_FIGURES = re.compile(r"%matplotlib[ \t]+inline[ \t]*(?:#.*)?")


def parse_with_magics(
    source: str, filename: str, first_line: int, parse: Callable[[str], ast.Module]
) -> Optional[ast.Module]:
    """The tree that ``parse`` makes of ``source`` with calls in place of its magics; None where it has none.

    A magic stands where a statement would begin: not inside a string or brackets, nor after a backslash. Lines stay where
    they are. Raises ``SyntaxError`` for a magic that there is not.
    """
    lines = io.StringIO(source, newline=None).readlines()
    places = _find_magics(lines)
    if not places:
        return None
    written = list(lines)
    for first, last in places:
        # A backslash at its end continues it.
        text = " ".join([*(line[:-2] for line in lines[first:last]), lines[last]]).strip()
        try:
            call = _call(text)
        except ValueError as error:
            position = (filename, first_line + first, _indentation(lines[first]) + 1, lines[first])
            raise SyntaxError(f"{error}", position) from None
        written[first] = f"{lines[first][: _indentation(lines[first])]}{call}\n"
        written[first + 1 : last + 1] = ["\n"] * (last - first)
    try:
        tree = parse("".join(written))
    except SyntaxError as error:
        if error.lineno and first_line <= error.lineno < first_line + len(lines):
            error.text = lines[error.lineno - first_line]
        raise
    _cover_lines(tree, {first_line + first: lines[first] for first, _ in places})
    return tree


def _find_magics(lines: list[str]) -> list[tuple[int, int]]:
    """The first and the last index of the lines of each magic."""
    written = list(lines)
    places: list[tuple[int, int]] = []
    read = ended = brackets = 0

    def next_line() -> str:
        nonlocal read
        if read == len(lines):
            return ""
        # The tokenizer asks for a line when it has given all tokens of the one before.
        if ended == read and _MAGIC.match(written[read]):
            last = read
            while written[last].endswith("\\\n") and last + 1 < len(lines):
                last += 1
            places.append((read, last))
            # A quote in it is not to be taken for Python's.
            written[read] = f"{written[read][: _indentation(written[read])]}pass\n"
            written[read + 1 : last + 1] = ["\n"] * (last - read)
        read += 1
        return written[read - 1]

    try:
        for token in tokenize.generate_tokens(next_line):
            if token.type in (tokenize.NEWLINE, tokenize.NL) and brackets == 0:
                ended = token.start[0]
            elif token.type == tokenize.OP and token.string in "([{":
                brackets += 1
            elif token.type == tokenize.OP and token.string in ")]}":
                brackets -= 1
    except (tokenize.TokenError, SyntaxError):
        # What comes after it nobody can tell; the compiler says what is wrong.
        pass
    return places


def _call(text: str) -> str:
    """The Python that stands for a magic. Raises ``ValueError`` with what to say of one that there is not."""
    if _SHOWS_FIGURES.fullmatch(text):
        # They are shown anyway.
        return "pass"
    call = None if text.startswith("%%") else pip_call(text.lstrip("%!").lstrip())
    if call is not None:
        return call
    if text.startswith("!"):
        raise ValueError(f"No shell is run here; for other programs use subprocess.run([...]), or a tool. {_SUPPORTED}")
    name = re.match(r"%+\w*", text)
    raise ValueError(f"There is no magic {name and name.group()} here. {_SUPPORTED}")


def _cover_lines(tree: ast.Module, lines: dict[int, str]) -> None:
    """Let tracebacks mark what the user wrote: the columns are those of calls that nobody sees."""
    for node in ast.walk(tree):
        line = lines.get(getattr(node, "lineno", 0))
        if line is not None:
            node.col_offset = _indentation(line)  # type: ignore[attr-defined]
            node.end_col_offset = len(line.rstrip().encode("utf-8", "surrogatepass"))  # type: ignore[attr-defined]


def _indentation(line: str) -> int:
    return len(line) - len(line.lstrip(" \t\f"))
