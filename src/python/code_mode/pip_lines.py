"""``%pip`` in a cell: what is written there, and what it does with the packages of this Python."""

from __future__ import annotations

import os
import re
import shlex
import sys
from typing import Any, Iterator, Optional

_PIP = re.compile(
    r"(?:uv[ \t]+pip|pip3?|(?:python3?|\{[ \t]*sys\.executable[ \t]*\})[ \t]+-m[ \t]+pip)(?:[ \t]+(?P<arguments>.*))?",
    re.DOTALL,
)
_COMMENT = re.compile(r"(?:^|[ \t])#.*$")
# By the commands the short options that they know.
_OPTIONS = {"install": "qUyr", "uninstall": "qyr", "list": "q", "freeze": "q", "show": "q"}
_LONG = {"--quiet": "-q", "--upgrade": "-U", "--yes": "-y", "--requirement": "-r"}
_COMMANDS = "%pip install, uninstall, list, freeze and show"


def pip_call(text: str) -> Optional[str]:
    """The Python that stands for ``pip install six`` or ``uv pip list``; None where ``text`` is none of these.

    Raises ``ValueError`` with what to say of an option or a command that is not supported.
    """
    match = _PIP.fullmatch(text)
    if match is None:
        return None
    arguments = _COMMENT.sub("", match.group("arguments") or "")
    if re.search(r"[{}$]", arguments):
        raise ValueError(
            "Nothing is filled in for braces or $ in a %pip line. Write the packages as they are, or call deps.add(name)."
        )
    try:
        command, *words = shlex.split(arguments) or [""]
    except ValueError:
        raise ValueError("A quote of the %pip line is not closed.") from None
    if command not in _OPTIONS:
        raise ValueError(f"{f'%pip {command}'.strip()} is not supported: there are {_COMMANDS}.")
    options, files, names = _read_words(command, words)
    if command in ("install", "uninstall", "show") and not names and not files:
        raise ValueError(f"%pip {command} names no package.")
    if command in ("list", "freeze") and names:
        raise ValueError(f"%pip {command} takes no package.")
    given = f"{command!r}, {names!r}, {files!r}, quiet={'q' in options}, upgrade={'U' in options}"
    return f"__import__({__name__!r}, fromlist=['run']).run({given})"


def _read_words(command: str, words: list[str]) -> tuple[set[str], list[str], list[str]]:
    options: set[str] = set()
    files: list[str] = []
    names: list[str] = []
    known = _OPTIONS[command]
    rest = iter(words)
    for word in rest:
        name, equals, value = word.partition("=")
        short = _LONG.get(name, word) if word.startswith("--") else word
        if re.match(r"[|&;<>]|[12]>", word):
            raise ValueError(f"No shell is run here: {word} cannot be part of a %pip line.")
        if not word.startswith("-"):
            names.append(word)
        elif short.startswith("-r") and "r" in known:
            file = value if equals and word != short else short[2:] or next(rest, "")
            if not file:
                raise ValueError("A file is to follow -r.")
            files.append(file)
        elif len(short) > 1 and set(short[1:]) <= set(known.replace("r", "")) and not (equals and word != short):
            options.update(short[1:])
        else:
            raise ValueError(
                f"%pip {command} does not know {word}: there are {_spelled(known)}. "
                "Where packages come from is set in the settings codeMode.deps."
            )
    return options, files, names


def _spelled(known: str) -> str:
    spelled = {"q": "-q", "U": "-U (--upgrade)", "y": "-y", "r": "-r FILE"}
    return ", ".join(spelled[option] for option in known)


def run(command: str, names: list[str], files: list[str], quiet: bool, upgrade: bool) -> None:
    """Do what a line says. Raises :class:`code_mode.errors.InstallError` where a package fails."""
    # The package's own `deps` is that of the session; its module of this name cannot be reached so.
    deps: Any = sys.modules[str(__package__)].__dict__["deps"]
    packages = [*names, *(package for file in files for package in _packages_of(file))]
    if command in ("install", "uninstall"):
        if packages:
            result = deps.add(*packages, upgrade=upgrade) if command == "install" else deps.remove(*packages)
            _tell(result, command, quiet)
    elif command == "show":
        print("\n---\n".join(filter(None, map(_shown, packages))))
    elif command == "freeze":
        for package in deps._installed():
            print(f"{package['name']}=={package['version']}")
    else:
        installed = deps._installed()
        wide = max([len("Package"), *(len(package["name"]) for package in installed)])
        for package in [{"name": "Package", "version": "Version"}, *installed]:
            print(f"{package['name']:{wide}}  {package['version']}")


def _tell(result: Any, command: str, quiet: bool) -> None:
    from .errors import InstallError

    if not quiet:
        for line in result._done():
            print(line)
    for line in result._failures():
        print(line, file=sys.stderr)
    if result.failed:
        failed = ", ".join(failure["package"] for failure in result.failed)
        raise InstallError("install-failed", f"Could not {command}: {failed}.")


def _packages_of(file: str) -> Iterator[str]:
    """The packages of a requirements file and of those that it includes."""
    from .errors import UsageError

    with open(file, encoding="utf-8-sig") as opened:
        text = opened.read().replace("\\\n", " ")
    for number, line in enumerate(text.split("\n"), 1):
        line = _COMMENT.sub("", line).strip()
        included = re.fullmatch(r"(?:-r|--requirement)[ \t=]*(.+)", line)
        if included:
            yield from _packages_of(os.path.join(os.path.dirname(file), included.group(1)))
        elif line.startswith("-") or " -" in line:
            raise UsageError(
                "usage",
                f"{file} has an option that %pip does not honour: {line}",
                "Lay it into requirements.txt of the base folder and call deps.sync(), or take the option out.",
            )
        elif line:
            yield line


def _shown(name: str) -> str:
    from .packages import find_distribution

    distribution = find_distribution(name)
    if distribution is None:
        print(f"Not installed: {name}", file=sys.stderr)
        return ""
    needed = {re.split(r"[\s\[(<>=!~;]", text, maxsplit=1)[0] for text in distribution.requires or () if "extra ==" not in text}
    facts = {
        "Name": distribution.metadata["Name"],
        "Version": distribution.version,
        "Summary": distribution.metadata["Summary"] or "",
        "Location": str(distribution.locate_file("")),
        "Requires": ", ".join(sorted(needed, key=str.lower)),
    }
    return "\n".join(f"{key}: {value}" for key, value in facts.items())
