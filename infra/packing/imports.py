"""Find all imports of one source file, nested ones included."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, order=True)
class Import:
    """`import module`, or `from module import name`, where the name can be a module too."""

    module: str
    name: str = ""

    @property
    def path(self) -> str:
        """The whole dotted path."""
        return f"{self.module}.{self.name}" if self.name else self.module


def imports_of(source: Path, module: str) -> list[Import]:
    """Return the run-time imports of a file, sorted."""
    package = module if source.name == "__init__.py" else module.rpartition(".")[0]
    tree = ast.parse(source.read_text(), filename=str(source))
    return sorted({found for node in _running(tree) for found in _imports(node, package)})


def _running(node: ast.AST) -> Iterator[ast.AST]:
    """Walk the tree without the code for type checking."""
    yield node
    if isinstance(node, ast.If) and _is_type_checking(node.test):
        children: Iterator[ast.AST] = iter(node.orelse)
    else:
        children = ast.iter_child_nodes(node)
    for child in children:
        yield from _running(child)


def _is_type_checking(test: ast.expr) -> bool:
    return ast.unparse(test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING")


def _imports(node: ast.AST, package: str) -> Iterator[Import]:
    if isinstance(node, ast.Import):
        yield from (Import(alias.name) for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        base = _absolute(node, package)
        yield from (Import(base, "" if alias.name == "*" else alias.name) for alias in node.names)


def _absolute(node: ast.ImportFrom, package: str) -> str:
    if not node.level:
        return node.module or ""
    parents = package.split(".")
    base = parents[: len(parents) - node.level + 1]
    return ".".join([*base, *([node.module] if node.module else [])])
