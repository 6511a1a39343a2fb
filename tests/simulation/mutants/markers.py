"""The markers in production code: `# mutant: <name>` on the statement that a mutant changes.

A marker is at the end of the statement's first line, or on a line of its own above it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
_MARKER = re.compile(r"# mutant: ([a-z0-9-]+(?:, [a-z0-9-]+)*)(?=\s|$)")
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Marker:
    """A marker, and a line of the statement that it is for."""

    name: str
    path: Path
    line: int

    @property
    def module(self) -> str:
        """Return the dotted name of the module that it is in."""
        return ".".join(self.path.relative_to(ROOT).with_suffix("").parts)


@cache
def markers() -> tuple[Marker, ...]:
    """Return every marker in the sources of `shared` and `functions`."""
    return tuple(marker for path, text in _sources().items() for marker in _in_module(path, text))


def marker(name: str) -> Marker:
    """Return the marker with a name. Raises `LookupError` when there is none, or more than one."""
    found = [marker for marker in markers() if marker.name == name]
    if len(found) != 1:
        raise LookupError(f"there are {len(found)} markers {name!r}, in place of one")
    return found[0]


def source(path: Path) -> str:
    """Return the text of a module."""
    return _sources()[path]


@cache
def words() -> frozenset[str]:
    """Return every word of the sources."""
    return frozenset(word for text in _sources().values() for word in _WORD.findall(text))


@cache
def _sources() -> dict[Path, str]:
    paths = sorted(path for top in ("shared", "functions") for path in (ROOT / top).rglob("*.py"))
    return {path: path.read_text() for path in paths}


def _in_module(path: Path, text: str) -> Iterator[Marker]:
    lines = text.splitlines()
    for number, line in enumerate(lines, start=1):
        for found in _MARKER.finditer(line):
            marked = next((n for n in range(number, len(lines) + 1) if _has_code(lines[n - 1])), number)
            for name in found[1].split(", "):
                yield Marker(name, path, marked)


def _has_code(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith("#")
