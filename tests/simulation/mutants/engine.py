"""Puts a deliberate bug into production code: one marked statement of a function is changed.

The function keeps its identity and gets other code, so that each module that has imported it has the bug.
"""

from __future__ import annotations

import ast
import builtins
import importlib
import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import reduce
from types import CodeType, FunctionType

from tests.simulation.mutants.markers import Marker, marker, source, words
from tests.simulation.mutants.operations import Operation
from tests.simulation.mutants.parts import Block

Definition = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
_BLOCKS = ("body", "handlers", "orelse", "finalbody", "cases")


@dataclass(frozen=True, slots=True)
class Mutant:
    """The statement with the comment `# mutant: <marker>` is changed by `operation`."""

    name: str
    marker: str
    operation: Operation


@contextmanager
def planted(mutant: Mutant) -> Iterator[None]:
    """Plant the bug for the time of the context."""
    function, mutated = _mutated(mutant)
    sound = function.__code__
    function.__code__ = mutated
    try:
        yield
    finally:
        function.__code__ = sound


def _mutated(mutant: Mutant) -> tuple[FunctionType, CodeType]:
    place = marker(mutant.marker)
    tree = ast.parse(source(place.path))
    sound = ast.dump(tree)
    path = _enclosing_function(tree, place)
    function = _function(place.module, [definition.name for definition in path])
    _check_names(mutant, path[-1], function)
    found = _statement(path[-1], place.line)
    if found is None:
        raise LookupError(f"{mutant.name}: no statement has the marker {place.name!r}")
    mutant.operation.apply(*found)
    if ast.dump(tree) == sound:
        raise LookupError(f"{mutant.name}: the operation changes nothing")
    ast.fix_missing_locations(tree)
    whole = compile(tree, str(place.path), "exec", dont_inherit=True)
    return function, _code(whole, ".".join(definition.name for definition in path))


def _enclosing_function(tree: ast.AST, place: Marker) -> list[Definition]:
    """Return the outermost function around the marker, after the classes that it is in."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, Definition) and node.lineno <= place.line <= (node.end_lineno or 0):
            return [node, *(_enclosing_function(node, place) if isinstance(node, ast.ClassDef) else [])]
    raise LookupError(f"marker {place.name!r} is not in a function")


def _check_names(mutant: Mutant, definition: Definition, function: FunctionType) -> None:
    """Refuse new code with a name that the function does not know, as after a rename."""
    inside, new = [*ast.walk(definition)], [*ast.walk(ast.parse(mutant.operation.code))]
    known = {node.id for node in inside if isinstance(node, ast.Name)}
    known |= {node.id for node in new if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    known |= {node.arg for node in inside if isinstance(node, ast.arg)}
    known |= {*function.__globals__, *dir(builtins), "it"}
    for node in new:
        if isinstance(node, ast.Name) and node.id not in known:
            raise LookupError(f"{mutant.name}: {node.id!r} is not known in {function.__qualname__}")
        if isinstance(node, ast.Attribute) and node.attr not in words():
            raise LookupError(f"{mutant.name}: nothing has an attribute {node.attr!r}")


def _statement(node: ast.AST, line: int) -> tuple[Block, int] | None:
    """Return the innermost statement or except clause around a line, as its block and index."""
    for block in (getattr(node, field, None) for field in _BLOCKS):
        if not isinstance(block, list):
            continue
        for index, child in enumerate(block):
            if isinstance(child, ast.match_case):
                if found := _statement(child, line):
                    return found
            elif child.lineno <= line <= child.end_lineno:
                return _statement(child, line) or (block, index)
    return None


def _function(module: str, names: list[str]) -> FunctionType:
    *outer, name = names
    owner = reduce(getattr, outer, importlib.import_module(module))
    found = inspect.getattr_static(owner, name)
    if isinstance(found, property):
        found = found.fget
    found = inspect.unwrap(getattr(found, "__func__", found))
    assert isinstance(found, FunctionType)
    return found


def _code(whole: CodeType, name: str) -> CodeType:
    for constant in reversed(whole.co_consts):
        if isinstance(constant, CodeType):
            if constant.co_qualname == name:
                return constant
            if name.startswith(f"{constant.co_qualname}."):
                return _code(constant, name)
    raise LookupError(f"no code of {name}")
