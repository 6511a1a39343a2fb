"""The syntax trees of the code under guard, and the two patterns that the guards look for in them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[3]
CLOCK_READINGS = frozenset({"now", "at", "moment"})
"""How a reading of the clock is called when it is passed on."""

Function = ast.FunctionDef | ast.AsyncFunctionDef
Loop = ast.For | ast.AsyncFor | ast.While | ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp


@cache
def functions(*roots: str) -> tuple[tuple[str, Function], ...]:
    """Return every function of some folders by its place."""
    found = []
    for root in roots:
        for path in sorted((ROOT / root).rglob("*.py")):
            found += [(f"{path.relative_to(ROOT)}:{one.name}", one) for one in functions_in(path.read_text())]
    return tuple(found)


def functions_in(source: str) -> Iterator[Function]:
    """Yield the functions of a module."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, Function):
            yield node


def one_reading_for_many(function: Function) -> list[str]:
    """Return the calls that a loop repeats with a clock reading from before the loop.

    A loop over a `range` repeats one decision, and a loop without `await` takes no time.
    """
    found = []
    for loop in ast.walk(function):
        if isinstance(loop, Loop) and not _is_retry(loop):
            fresh = _assigned(loop)
            for call in _awaited_calls(loop):
                if any(name in CLOCK_READINGS - fresh for name in _passed(call)):
                    found.append(ast.unparse(call.func))
    return found


def passes_without_a_document(function: Function) -> list[str]:
    """Return the conditions that refuse what a document says, and refuse nothing where there is none.

    Such as `if profile and profile.closed: raise …`: without a profile everything is allowed.
    """
    found = []
    for node in ast.walk(function):
        if isinstance(node, ast.If) and isinstance(node.body[-1], ast.Raise):
            test = node.test
            operands = test.values if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And) else []
            for optional in filter(None, map(_optional, operands)):
                if any(_reads(optional, other) for other in operands):
                    found.append(ast.unparse(test))
                    break
    return found


def _is_retry(loop: ast.AST) -> bool:
    source = loop.iter if isinstance(loop, ast.For) else None
    return isinstance(source, ast.Call) and ast.unparse(source.func) == "range"


def _assigned(loop: ast.AST) -> set[str]:
    """Return the names that the loop itself assigns, each time anew."""
    stored = (node for node in ast.walk(loop) if isinstance(node, ast.Name))
    return {node.id for node in stored if isinstance(node.ctx, ast.Store)}


def _awaited_calls(loop: ast.AST) -> Iterator[ast.Call]:
    """Yield the calls that are awaited in a loop, or that it collects to be awaited together."""
    gathered = not isinstance(loop, ast.For | ast.AsyncFor | ast.While)
    for node in ast.walk(loop):
        if isinstance(node, ast.Await) and isinstance(node.value, ast.Call):
            yield node.value
        elif gathered and isinstance(node, ast.Call) and any(k.arg == "now" for k in node.keywords):
            yield node


def _passed(call: ast.Call) -> set[str]:
    values = [*call.args, *(keyword.value for keyword in call.keywords)]
    return {value.id for value in values if isinstance(value, ast.Name)}


def _optional(operand: ast.expr) -> str | None:
    """Return what an operand demands to be there: `x`, `x.y`, or `x is not None`."""
    if isinstance(operand, ast.Name | ast.Attribute):
        return ast.unparse(operand)
    if isinstance(operand, ast.Compare) and isinstance(operand.ops[0], ast.IsNot):
        right = operand.comparators[0]
        if isinstance(right, ast.Constant) and right.value is None:
            return ast.unparse(operand.left)
    return None


def _reads(optional: str, operand: ast.expr) -> bool:
    """Say whether an operand reads a field of what may be missing."""
    fields = (node for node in ast.walk(operand) if isinstance(node, ast.Attribute))
    return any(ast.unparse(node.value) == optional for node in fields)
