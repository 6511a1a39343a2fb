"""Puts a deliberate bug into production code: the text of one function is changed and compiled anew.

The function keeps its identity and gets other code, so that everybody who has imported it sees the bug.
"""

from __future__ import annotations
import __future__

import ast
import importlib
import inspect
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import reduce
from types import CodeType, FunctionType


@dataclass(frozen=True, slots=True)
class Mutant:
    """In `function` (`module:qualified.name`), `old` becomes `new`; `old` stands there exactly once."""

    name: str
    function: str
    old: str
    new: str


@contextmanager
def planted(mutant: Mutant) -> Iterator[None]:
    """Let the bug be there for a while."""
    function = _function(mutant.function)
    sound = function.__code__
    function.__code__ = _mutated(function, mutant)
    try:
        yield
    finally:
        function.__code__ = sound


def _function(name: str) -> FunctionType:
    module, _, path = name.partition(":")
    found = reduce(getattr, path.split("."), importlib.import_module(module))
    assert isinstance(found, FunctionType)
    return found


def _mutated(function: FunctionType, mutant: Mutant) -> CodeType:
    source = inspect.getsource(function)
    if source.count(mutant.old) != 1:
        raise LookupError(f"{mutant.name}: {mutant.old!r} stands {source.count(mutant.old)} times in it")
    tree = ast.parse(textwrap.dedent(source.replace(mutant.old, mutant.new)))
    definition = tree.body[0]
    assert isinstance(definition, ast.FunctionDef | ast.AsyncFunctionDef)
    definition.decorator_list = []
    flags = __future__.annotations.compiler_flag
    whole = compile(tree, function.__code__.co_filename, "exec", flags=flags, dont_inherit=True)
    return next(code for code in whole.co_consts if isinstance(code, CodeType))
