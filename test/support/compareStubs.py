"""Prints where stubs and the package that they describe do not say the same: compareStubs.py PACKAGE STUBS."""

import ast
import pathlib
import sys

# What a session's own parts use, and nobody who writes code in one.
INTERNAL = {"ArtifactCalls", "connect", "mime_bundle", "show_open_figures", "reader", "writer", "copy", "saved", "from_host"}


def definitions(body):
    """Functions and classes by name, also those of overloads."""
    found = {}
    for node in body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            found.setdefault(node.name, node)
    return found


def public(names):
    return {name for name in names if not name.startswith("_")} - INTERNAL


def signature(function):
    """Its parameters, by kind, with their defaults."""
    a = function.args
    defaults = [None] * (len(a.posonlyargs) + len(a.args) - len(a.defaults)) + list(map(ast.unparse, a.defaults))
    placed = list(zip([p.arg for p in a.posonlyargs + a.args], defaults))
    named = [(p.arg, d and ast.unparse(d)) for p, d in zip(a.kwonlyargs, a.kw_defaults)]
    kind = type(function).__name__
    return kind, placed, len(a.posonlyargs), a.vararg and a.vararg.arg, named, a.kwarg and a.kwarg.arg


def compare(place, real, stub):
    real, stub = definitions(real), definitions(stub)
    for name in sorted(public(real) ^ public(stub)):
        print(f"{place}.{name} is {'missing in' if name in real else 'only in'} the stub")
    for name in sorted(public(real) & public(stub)):
        one, other = real[name], stub[name]
        if isinstance(one, ast.ClassDef) and isinstance(other, ast.ClassDef):
            compare(f"{place}.{name}", one.body, other.body)
        elif isinstance(one, ast.ClassDef) or isinstance(other, ast.ClassDef):
            print(f"{place}.{name} is a class in one of the two")
        elif signature(one) != signature(other):
            print(f"{place}.{name}: {signature(one)} is {signature(other)} in the stub")


package, stubs = map(pathlib.Path, sys.argv[1:])
for file in sorted((stubs / "code_mode").glob("*.pyi")):
    source = package / file.with_suffix(".py").name
    if not source.exists():
        print(f"There is no {source.name}")
        continue
    trees = [ast.parse(path.read_text(encoding="utf-8")).body for path in (source, file)]
    compare(file.stem, *trees)
