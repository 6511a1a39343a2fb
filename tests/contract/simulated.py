"""The simulation's ports for the contract suites: nothing takes time or goes wrong unless a test says so."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from datetime import timedelta

from tests.simulation.faults import Faults
from tests.simulation.ports.wire import Wire
from tests.simulation.process import EPOCH, Process, current_process
from tests.simulation.scenario import RATES, Fault, Scenario


class Instant(random.Random):
    """Chance that draws the shortest of all delays, and the least of all counts."""

    def expovariate(self, lambd: float = 1.0) -> float:
        return 0.0

    def uniform(self, a: float, b: float) -> float:
        return a

    def randint(self, a: int, b: int) -> int:
        return a


class Script(Faults):
    """Strikes as a test says, each time once."""

    def __init__(self) -> None:
        super().__init__(Scenario(0, without=frozenset(RATES)), lambda _: None)
        self._next: list[tuple[str, str]] = []

    def strike(self, kind: str, where: str = "") -> None:
        """Let the next chance of the kind at the place be a fault."""
        self._next.append((kind, where))

    def strikes(self, kind: str, where: str = "") -> bool:
        return self._struck_out(kind, where)

    def at_write(self, site: str, kinds: Sequence[Fault]) -> Fault | None:
        operation = site.rpartition(" ")[2]
        return next((kind for kind in kinds if self._struck_out(kind, operation)), None)

    def _struck_out(self, kind: str, where: str) -> bool:
        found = (kind, where) in self._next
        if found:
            self._next.remove((kind, where))
        return found


def become_a_process() -> None:
    """Let the ports take the test for a function that serves a call."""
    died = asyncio.get_running_loop().create_future()
    current_process.set(Process(0, "contract", timedelta(0), EPOCH, died))


def wire(faults: Faults) -> Wire:
    """Return a wire from the test itself to the ports."""
    become_a_process()
    return Wire(faults, Instant())
