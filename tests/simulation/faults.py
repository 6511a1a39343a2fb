"""Which call goes wrong how: drawn from the seed, counted, and reproducible one by one."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence

from tests.simulation.chance import unit
from tests.simulation.scenario import CRASHES, Fault, Scenario, Theme

FOCUS = 4
"""Each seed looks hard at one in so many pairs of a write site and a crash."""
FOCUS_RATE, FOCUS_TIMES = 0.4, 5


class Faults:
    """Decides; `over` ends all of it. A fault's name is its kind, its place and its number there."""

    def __init__(self, scenario: Scenario, told: Callable[[str], None]) -> None:
        self.over = False
        self.injected: list[str] = []
        self.sites: dict[str, Counter[str]] = defaultdict(Counter)
        """By write site: how often it was reached, and hit by each crash."""
        self._scenario = scenario
        self._told = told
        self._seen: Counter[str] = Counter()

    def strikes(self, kind: str, where: str = "") -> bool:
        """Say whether a fault of the kind happens here, this time."""
        rate = self._scenario.rates[kind]
        # Clocks do not get right because the rest does.
        over = self.over and self._scenario.theme is not Theme.CLOCKS
        if over or not rate:
            return False
        number = self._count(f"{kind}@{where}")
        name = f"{kind}@{where}#{number}"
        if unit(self._scenario.seed, name) >= rate or name in self._scenario.without:
            return False
        self._inject(name)
        return True

    def at_write(self, site: str, kinds: Sequence[Fault]) -> Fault | None:
        """Return what goes wrong with a write at this site, this time, if anything."""
        self.sites[site]["reached"] += 1
        if self.over:
            return None
        number = self._count(site)
        chance = unit(self._scenario.seed, site, number)
        for kind in kinds:
            rate = self._focused(site, kind) if number <= FOCUS_TIMES else self._scenario.rates[kind]
            if chance < rate:
                return self._struck(kind, site, number)
            chance -= rate
        return None

    def _struck(self, kind: Fault, site: str, number: int) -> Fault | None:
        name = f"{kind}@{site}#{number}"
        if name in self._scenario.without:
            return None
        self.sites[site][kind] += 1
        self._inject(name)
        return kind

    def _focused(self, site: str, kind: Fault) -> float:
        rate = self._scenario.rates[kind]
        off = kind in self._scenario.without or "focus" in self._scenario.without
        off = off or self._scenario.theme is not Theme.ALL
        if kind in CRASHES and not off and unit(self._scenario.seed, "focus", site, kind) < 1 / FOCUS:
            return FOCUS_RATE
        return rate

    def _count(self, key: str) -> int:
        self._seen[key] += 1
        return self._seen[key]

    def _inject(self, name: str) -> None:
        self.injected.append(name)
        self._told(name)
