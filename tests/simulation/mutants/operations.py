"""What a mutant does to the statement that its marker names, as an operation on the syntax tree.

A part of a statement has a path: numbers and names, separated by dots, from the outside in, beginning at the
value of the statement, or its condition. A number counts, from 1, the arguments of a call, the elements of a
display, the operands of an and/or chain, a sum or a comparison, the two values of a conditional expression,
or a subscript's object and index. A name is a keyword argument or a key. `0` is the object whose method is
called, `if` a condition. An `await`, a `yield` and a star count for nothing.

New code calls what it takes the place of `it`.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass

from tests.simulation.mutants.parts import Block, Place, at, condition, main, remove

Path = int | str


@dataclass(frozen=True, slots=True)
class Operation:
    """`apply` changes the statement at an index of its block; `code` is what it brings with it."""

    apply: Callable[[Block, int], None]
    code: str = ""


def never() -> Operation:
    """Make the condition false: of an if, while, assert, conditional expression, or except clause."""
    return _on_condition("False")


def always() -> Operation:
    """Make the condition true."""
    return _on_condition("True")


def value(code: str) -> Operation:
    """Replace the value that is assigned, returned, yielded or computed, or the condition of an if."""
    return Operation(lambda block, index: _replace(main(block[index]), code), code)


def empty() -> Operation:
    """Replace the value by an empty tuple."""
    return value("()")


def argument(path: Path, code: str) -> Operation:
    """Replace a part of the statement."""
    return Operation(lambda block, index: _replace(at(main(block[index]), path), code), code)


def only(path: Path) -> Operation:
    """Replace the expression that has this part by the part alone: `f(a, b)` by `a`."""

    def apply(block: Block, index: int) -> None:
        outer, _, _ = str(path).rpartition(".")
        at(main(block[index]), outer).put(at(main(block[index]), path).get())

    return Operation(apply)


def without(path: Path) -> Operation:
    """Leave out a part: an operand, an argument or an element."""

    def apply(block: Block, index: int) -> None:
        outer, _, last = str(path).rpartition(".")
        remove(at(main(block[index]), outer), last)

    return Operation(apply)


def drop() -> Operation:
    """Leave out the statement."""

    def apply(block: Block, index: int) -> None:
        block[index] = ast.Pass()

    return Operation(apply)


def before(code: str) -> Operation:
    """Put other statements in front of the statement."""

    def apply(block: Block, index: int) -> None:
        block[index:index] = _parsed(code).body

    return Operation(apply, code)


def swap_with_next() -> Operation:
    """Run the next statement first."""

    def apply(block: Block, index: int) -> None:
        block[index : index + 2] = [block[index + 1], block[index]]

    return Operation(apply)


def suppress(error: str) -> Operation:
    """Ignore an error of the statement."""

    def apply(block: Block, index: int) -> None:
        guarded = _parsed(f"try: pass\nexcept {error}: pass").body[0]
        assert isinstance(guarded, ast.Try)
        sound = block[index]
        assert isinstance(sound, ast.stmt)
        guarded.body = [sound]
        block[index] = guarded

    return Operation(apply, error)


def _on_condition(code: str) -> Operation:
    def apply(block: Block, index: int) -> None:
        if isinstance(block[index], ast.ExceptHandler):
            if code != "False":
                raise LookupError("an except clause can only be made to catch nothing")
            Place(block[index], "type").put(_expression("()"))
        else:
            condition(block[index]).put(_expression(code))

    return Operation(apply)


def _replace(place: Place, code: str) -> None:
    place.put(_It(place.get()).visit(_expression(code)))


def _expression(code: str) -> ast.expr:
    statement = _parsed(f"({code})").body[0]
    assert isinstance(statement, ast.Expr)
    return statement.value


def _parsed(code: str) -> ast.Module:
    """Return the tree of new code, without lines: it gets those of the statement around it."""
    tree = ast.parse(code)
    for node in ast.walk(tree):
        for attribute in node._attributes:
            vars(node).pop(attribute, None)
    return tree


class _It(ast.NodeTransformer):
    def __init__(self, sound: ast.expr) -> None:
        self.sound = sound

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return deepcopy(self.sound) if node.id == "it" else node
