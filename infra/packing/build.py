"""Build the folder of one deployable."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import grimp

from infra.packing.bytecode import compile_all
from infra.packing.closure import closure, foreign_imports, path_of
from infra.packing.distributions import is_standard, owner
from infra.packing.errors import PackError
from infra.packing.requirements import declared, pinned, with_dependencies


@dataclass(frozen=True, slots=True)
class Packed:
    """A built deployable: our modules, and the distributions that it installs."""

    name: str
    folder: Path
    modules: tuple[str, ...]
    packages: tuple[str, ...]

    @property
    def size(self) -> int:
        """Size of the upload in bytes."""
        return sum(file.stat().st_size for file in self.folder.rglob("*") if file.is_file())


def names(root: Path) -> list[str]:
    """Return the names of all functions, sorted."""
    return sorted(manifest.parent.name for manifest in (root / "functions").glob("*/function.toml"))


def build(root: Path, out: Path, name: str, *, graph: grimp.ImportGraph, lock: Mapping[str, str]) -> Packed:
    """Build `out/<name>` from scratch; equal sources give equal bytes. Raises `PackError`."""
    entry = f"functions.{name}.main"
    if path_of(root, entry) is None:
        raise PackError(f"functions/{name} has no main.py")
    modules = closure(graph, entry)
    requirements = root / "functions" / name / "requirements.in"
    packages = sorted(with_dependencies(declared(requirements)))
    _check_declared(foreign_imports(root, modules), packages, requirements.relative_to(root))
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out, prefix=f".{name}-") as scratch:
        built = Path(scratch) / name
        _fill(root, built, name, modules, pinned(packages, lock))
        compile_all(built)
        folder = out / name
        shutil.rmtree(folder, ignore_errors=True)
        built.rename(folder)
    return Packed(name, folder, tuple(modules), tuple(packages))


def _check_declared(foreign: Mapping[str, str], packages: Sequence[str], source: Path) -> None:
    for name, module in foreign.items():
        if is_standard(name):
            continue
        package = owner(name)
        if package is None:
            raise PackError(f"{module} imports {name}, which no installed package provides")
        if package not in packages:
            raise PackError(f"{module} imports {name}: {source} must name {package}")


def _fill(root: Path, folder: Path, name: str, modules: Sequence[str], requirements: str) -> None:
    for module in modules:
        source = path_of(root, module)
        assert source is not None  # noqa: S101 - foreign_imports has opened it
        target = folder / source.relative_to(root)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
    (folder / "main.py").write_text(f"from functions.{name}.main import {name}\n")
    (folder / "requirements.txt").write_text(requirements)
    shutil.copyfile(root / "functions" / name / "function.toml", folder / "function.toml")
