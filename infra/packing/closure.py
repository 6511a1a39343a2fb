"""The import closure of a deployable's entry module: the modules of ours that it needs."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import grimp

from infra.packing.errors import PackError
from infra.packing.imports import Import, imports_of

SHIPPED = ("functions", "shared")


def import_graph() -> grimp.ImportGraph:
    """Return the import graph, with lazy imports and without imports for type checking."""
    return grimp.build_graph(*SHIPPED, exclude_type_checking_imports=True, cache_dir=None)


def closure(graph: grimp.ImportGraph, entry: str) -> list[str]:
    """Return the modules that importing `entry` may load, sorted.

    A package's `__init__` runs before its modules: it is part of the closure, with its imports.
    """
    found: set[str] = set()
    pending = [entry]
    while pending:
        module = pending.pop()
        if module in found:
            continue
        found.add(module)
        pending += graph.find_modules_directly_imported_by(module)
        if "." in module:
            pending.append(module.rpartition(".")[0])
    return sorted(found)


def path_of(root: Path, module: str) -> Path | None:
    """Return the source file of one of our modules, or None."""
    base = root.joinpath(*module.split("."))
    return next((path for path in (base.with_suffix(".py"), base / "__init__.py") if path.is_file()), None)


def foreign_imports(root: Path, modules: Collection[str]) -> dict[str, str]:
    """Return the third-party imports of `modules`: the imported name and a module that imports it.

    Raises `PackError` for an import of our own that the closure lacks: a folder without `__init__.py`, a
    module that does not exist, or a part of the repository that is never deployed.
    """
    foreign: dict[str, str] = {}
    for module in modules:
        source = path_of(root, module)
        if source is None:
            raise PackError(f"{module} has no source file (is an __init__.py missing?)")
        for found in imports_of(source, module):
            if not _is_ours(root, found.module):
                foreign.setdefault(found.path, module)
            elif not _is_included(root, found, modules):
                raise PackError(f"{module} imports {found.path}, which is not deployed with it")
    return foreign


def _is_ours(root: Path, name: str) -> bool:
    top = name.partition(".")[0]
    return (root / top / "__init__.py").is_file() or (root / f"{top}.py").is_file()


def _is_included(root: Path, found: Import, modules: Collection[str]) -> bool:
    """Return whether the closure has the module, and the imported name if that is a module too."""
    return found.module in modules and (path_of(root, found.path) is None or found.path in modules)
