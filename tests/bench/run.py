"""One run of the benchmarks: how thorough it is, and where it writes."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from tests.bench.terminal import progress


@dataclass(frozen=True, slots=True)
class Run:
    """What every benchmark is given; `scratch` is a folder that is removed afterwards."""

    scratch: Path
    out: Console
    quick: bool

    @property
    def rounds(self) -> int:
        """How often each thing takes its turn."""
        return 3 if self.quick else 7

    @property
    def turn_seconds(self) -> float:
        """How long a turn under load lasts."""
        return 0.4 if self.quick else 1.0

    def progress(self, name: str, steps: int) -> AbstractContextManager[Callable[[], None]]:
        """Show progress while the context lasts; call what it yields after each step."""
        return progress(self.out, name, steps)
