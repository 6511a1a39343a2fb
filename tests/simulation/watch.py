"""What the run has seen: a trace, counts, and the first thing that must not be."""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from tests.simulation.faults import Faults
from tests.simulation.process import Process
from tests.simulation.scenario import Scenario


@dataclass(frozen=True, slots=True)
class Violation:
    """An invariant (its number or word in the README beside this) that did not hold."""

    invariant: str
    message: str
    at: float


class Watch:
    """Everybody tells it; it ends the run at the first violation."""

    def __init__(self, scenario: Scenario) -> None:
        self.faults = Faults(scenario, lambda name: self.tell("FAULT", name))
        self.lines: list[str] = []
        self.states: Counter[str] = Counter()
        self.violation: Violation | None = None
        self.ended = asyncio.Event()
        self.answered: Callable[[Process], None] = lambda _: None
        """Hears of every request of a client that was answered."""

    def tell(self, who: str, what: str) -> None:
        """Add a line to the trace."""
        self.lines.append(f"{asyncio.get_running_loop().time():9.3f}  {who:<44} {what}")

    def fail(self, invariant: str, message: str) -> None:
        """End the run: this must not be. The first one counts."""
        self.tell("VIOLATION", f"[{invariant}] {message}")
        if self.violation is None:
            self.violation = Violation(invariant, message, asyncio.get_running_loop().time())
            self.ended.set()

    def check(self, holds: bool, invariant: str, message: str) -> None:
        """Fail unless it holds."""
        if not holds:
            self.fail(invariant, message)

    def digest(self) -> str:
        """Return a fingerprint of the whole trace."""
        return hashlib.sha256("\n".join(self.lines).encode()).hexdigest()
