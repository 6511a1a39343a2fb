"""Which errors an operation can end in, read from the code itself.

From the handler and its dependencies on, every function, class and table of ours that is named is
followed, and what is raised there is noted. A port is followed through the adapter that the `Ports` class
opens.
It says rather too much than too little: a class that is named counts with all its methods.
"""

from __future__ import annotations

import ast
import dataclasses
import inspect
import textwrap
from collections.abc import Callable, Iterator, Mapping
from functools import cache, cached_property
from types import FunctionType, ModuleType
from typing import Any

from shared.composition.ports import Ports
from shared.kernel.errors import DomainError

OURS = ("functions.", "shared.")
GENERATED = "<string>"
"""Where Python says that the methods of a dataclass come from."""


def refusals_of(*handlers: Callable[..., Any]) -> frozenset[type[DomainError]]:
    """Return the errors that may leave any of these functions."""
    seen: dict[int, object] = {}  # by identity; the values too, so that no identity comes twice
    found: set[type[DomainError]] = set()
    waiting: list[object] = list(handlers)
    while waiting:
        value = waiting.pop()
        if id(value) in seen:
            continue
        seen[id(value)] = value
        if isinstance(value, FunctionType):
            raised, named = _read(value)
            found |= raised
            waiting += named
        else:
            waiting += _within(value)
    return frozenset(found)


def _within(value: object) -> Iterator[object]:
    """What there is to follow in something that is no function."""
    if inspect.isclass(value):
        if _is_ours(value) and not issubclass(value, BaseException):
            yield from vars(value).values()
            yield from value.__bases__
    elif isinstance(value, classmethod | staticmethod | property | cached_property):
        yield next(getattr(value, name) for name in ("__func__", "fget", "func") if hasattr(value, name))
    elif isinstance(value, Mapping):
        yield from value.values()
    elif isinstance(value, list | tuple | set | frozenset):
        yield from value
    elif _is_ours(type(value)):
        yield type(value)
        if dataclasses.is_dataclass(value):
            yield from (getattr(value, field.name) for field in dataclasses.fields(value))
    elif callable(value) and (inner := inspect.unwrap(value)) is not value:
        yield inner


def _is_ours(cls: type) -> bool:
    return cls.__module__.startswith(OURS)


@cache
def _read(function: FunctionType) -> tuple[frozenset[type[DomainError]], tuple[object, ...]]:
    """Return what a function raises by itself, and what it names besides."""
    inner = inspect.unwrap(function)
    if not inner.__module__.startswith(OURS) or inner.__code__.co_filename == GENERATED:
        return frozenset(), ()
    scope = {**inner.__globals__, **_closure(inner), **_ports(inner)}
    named = [value for value in _named(inner, scope) if value is not None]
    raised = {value for value in named if inspect.isclass(value) and issubclass(value, DomainError)}
    return frozenset(raised - {DomainError}), tuple(named)


def _named(function: FunctionType, scope: Mapping[str, Any]) -> Iterator[object]:
    """Yield what a function names, but for what it catches. A lambda's source is part of a line; its
    compiled names will do."""
    if function.__name__ == "<lambda>":
        yield from (scope.get(name) for name in function.__code__.co_names)
        return
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    caught = _caught(tree)
    yield from (_value(node, scope) for node in ast.walk(tree) if id(node) not in caught)


def _caught(tree: ast.AST) -> set[int]:
    """Return the nodes of what `except` clauses name: it ends there."""
    clauses = (node.type for node in ast.walk(tree) if isinstance(node, ast.ExceptHandler) and node.type)
    return {id(node) for clause in clauses for node in ast.walk(clause)}


def _closure(function: FunctionType) -> dict[str, Any]:
    cells = zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
    return {name: cell.cell_contents for name, cell in cells}


def _ports(function: FunctionType) -> dict[str, Any]:
    """Return the arguments of a function that are ports, each by its class; in a method of theirs, `self`."""
    named = {name: function.__globals__.get(str(hint)) for name, hint in function.__annotations__.items()}
    named["self"] = function.__globals__.get(function.__qualname__.partition(".")[0])
    plain = {name: getattr(hint, "__origin__", hint) for name, hint in named.items()}
    return {name: hint for name, hint in plain.items() if inspect.isclass(hint) and issubclass(hint, Ports)}


def _value(node: ast.AST, scope: Mapping[str, Any]) -> object:
    """Return what a name or a dotted name stands for; None for anything that only a run knows."""
    if isinstance(node, ast.Name):
        return scope.get(node.id)
    if isinstance(node, ast.Attribute):
        owner = _value(node.value, scope)
        if isinstance(owner, ModuleType) or inspect.isclass(owner):
            return getattr(owner, node.attr, None)
    return None
