"""The parts of a statement, by their paths; `operations` says what a path is."""

from __future__ import annotations

import ast
from dataclasses import dataclass

Block = list[ast.AST]
_TRANSPARENT = (ast.Await, ast.Starred, ast.Yield)


@dataclass(frozen=True, slots=True)
class Place:
    """Where an expression is: a field of its parent, or an element of a field that is a list."""

    parent: ast.AST
    field: str
    index: int | None = None

    def get(self) -> ast.expr:
        """Return the expression."""
        held = getattr(self.parent, self.field)
        found = held if self.index is None else held[self.index]
        if not isinstance(found, ast.expr):
            raise LookupError(f"there is no expression in {ast.unparse(self.parent)!r}")
        return found

    def put(self, new: ast.expr) -> None:
        """Put another expression here."""
        if self.index is None:
            setattr(self.parent, self.field, new)
        else:
            getattr(self.parent, self.field)[self.index] = new


def main(statement: ast.AST) -> Place:
    """Return the place of the statement's value, or of its condition."""
    place = Place(statement, "test" if hasattr(statement, "test") else "value")
    if not hasattr(statement, place.field):
        raise LookupError(f"no value in {ast.unparse(statement)!r}")
    return _inside(place, ast.Yield)


def condition(statement: ast.AST) -> Place:
    """Return the place of the statement's condition, or of its outermost conditional expression's."""
    if hasattr(statement, "test"):
        return Place(statement, "test")
    for node in ast.walk(main(statement).get()):
        if isinstance(node, ast.IfExp):
            return Place(node, "test")
    raise LookupError(f"no condition in {ast.unparse(statement)!r}")


def at(place: Place, path: int | str) -> Place:
    """Return the place of the part with this path."""
    for name in filter(None, str(path).split(".")):
        whole = _inside(place, *_TRANSPARENT).get()
        parts = _parts(whole)
        if name not in parts:
            raise LookupError(f"no part {name} in {ast.unparse(whole)!r}")
        place = parts[name]
    return place


def remove(place: Place, name: str) -> None:
    """Leave one part out of the expression."""
    place = _inside(place, *_TRANSPARENT)
    whole = place.get()
    part = at(place, name)
    if isinstance(whole, ast.BinOp):
        place.put(_shorter_sum(whole, part))
    elif isinstance(whole, ast.Call) and isinstance(part.parent, ast.keyword):
        whole.keywords.remove(part.parent)
    elif part.index is None:
        raise LookupError(f"{ast.unparse(whole)!r} needs its part {name}")
    else:
        getattr(whole, part.field).pop(part.index)
        if isinstance(whole, ast.Dict):
            whole.keys.pop(part.index)
        if isinstance(whole, ast.BoolOp) and len(whole.values) == 1:
            place.put(whole.values[0])


def _inside(place: Place, *kinds: type[ast.Await | ast.Starred | ast.Yield]) -> Place:
    while isinstance(place.get(), kinds):
        place = Place(place.get(), "value")
    return place


def _parts(whole: ast.expr) -> dict[str, Place]:
    match whole:
        case ast.BoolOp():
            return _numbered(_elements(whole, "values"))
        case ast.BinOp():
            return _numbered(_operands(whole))
        case ast.Compare():
            return _numbered([Place(whole, "left"), *_elements(whole, "comparators")])
        case ast.List() | ast.Tuple() | ast.Set():
            return _numbered(_elements(whole, "elts"))
        case ast.Dict():
            values = _elements(whole, "values")
            return _numbered(values) | _keyed(whole, values)
        case ast.Call():
            names = {k.arg: Place(k, "value") for k in whole.keywords if k.arg}
            target = {"0": Place(whole.func, "value")} if isinstance(whole.func, ast.Attribute) else {}
            return _numbered(_elements(whole, "args")) | names | target
        case ast.IfExp():
            values = [Place(whole, "body"), Place(whole, "orelse")]
            return _numbered(values) | {"if": Place(whole, "test")}
        case ast.Subscript():
            return _numbered([Place(whole, "value"), Place(whole, "slice")])
        case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
            conditions = [place for g in whole.generators for place in _elements(g, "ifs")]
            return {"if": conditions[0]} if conditions else {}
    return {}


def _numbered(places: list[Place]) -> dict[str, Place]:
    return {str(number): place for number, place in enumerate(places, start=1)}


def _keyed(whole: ast.Dict, values: list[Place]) -> dict[str, Place]:
    keys = (key.value if isinstance(key, ast.Constant) else None for key in whole.keys)
    return {key: place for key, place in zip(keys, values, strict=True) if isinstance(key, str)}


def _elements(whole: ast.AST, field: str) -> list[Place]:
    return [Place(whole, field, index) for index in range(len(getattr(whole, field)))]


def _operands(whole: ast.BinOp) -> list[Place]:
    """Return the operands of a sum of any length, in which subtrahends count too."""
    left = whole.left
    chain = isinstance(left, ast.BinOp) and _is_sum(left) and _is_sum(whole)
    first = _operands(left) if chain and isinstance(left, ast.BinOp) else [Place(whole, "left")]
    return [*first, Place(whole, "right")]


def _is_sum(whole: ast.BinOp) -> bool:
    return isinstance(whole.op, ast.Add | ast.Sub)


def _shorter_sum(whole: ast.BinOp, part: Place) -> ast.expr:
    if part.parent is not whole:
        assert isinstance(whole.left, ast.BinOp)
        whole.left = _shorter_sum(whole.left, part)
        return whole
    if part.field == "right":
        return whole.left
    if isinstance(whole.op, ast.Sub):
        raise LookupError(f"{ast.unparse(whole)!r} needs its first operand")
    return whole.right
