"""Writing new files, and never over old ones."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from textwrap import dedent


class ScaffoldError(Exception):
    """The skeleton cannot be written; the message says why."""


def write_all(root: Path, files: Mapping[str, str]) -> list[Path]:
    """Write the files and return their paths. Raises `ScaffoldError` when one of them exists."""
    paths = {root / name: dedent(text).lstrip("\n") for name, text in files.items()}
    present = [path for path in paths if path.exists()]
    if present:
        raise ScaffoldError(f"{present[0].relative_to(root)} exists")
    for path, text in paths.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    _format(list(paths))
    return list(paths)


def _format(paths: Sequence[Path]) -> None:
    """Format the Python files, so that line lengths and the order of imports do not depend on a name."""
    ruff = str(Path(sys.executable).parent / "ruff")
    modules = [str(path) for path in paths if path.suffix == ".py"]
    for command in (("check", "--fix-only", "--quiet"), ("format", "--quiet")):
        subprocess.run([ruff, *command, *modules], check=True)  # noqa: S603 - our own tool


def replace_all(path: Path, old: str, new: str) -> None:
    """Replace a text wherever the file holds it. Raises `ScaffoldError` where it does not."""
    text = path.read_text()
    if old not in text:
        raise ScaffoldError(f"{path.name} does not hold {old!r}: add the new name there by hand")
    path.write_text(text.replace(old, new))
