"""Makes a failing scenario small: leaves out actors, kinds of faults and single faults while it fails."""

from __future__ import annotations

from collections.abc import Iterable

from tests.simulation.run import Result, run
from tests.simulation.scenario import Scenario

RUNS = 250


class Shrinker:
    """Tries to do without each part, the largest first; at most `RUNS` runs."""

    def __init__(self, failing: Result, without: frozenset[str] = frozenset()) -> None:
        self.result = failing
        self.without = without
        self._runs = 0

    def shrink(self) -> Scenario:
        """Return a scenario that breaks the same invariant with as little as could be found."""
        self._drop(Scenario(self.result.seed, self.without).parts)
        self._drop(reversed([name for name in self.result.injected if "#" in name]))
        return Scenario(self.result.seed, self.without)

    def _drop(self, parts: Iterable[str]) -> None:
        for part in parts:
            if self._runs >= RUNS:
                return
            self._runs += 1
            smaller = frozenset({*self.without, part})
            result = run(Scenario(self.result.seed, smaller))
            if result.violation and self._same(result):
                self.without, self.result = smaller, result

    def _same(self, result: Result) -> bool:
        before, after = self.result.violation, result.violation
        return before is not None and after is not None and before.invariant == after.invariant
