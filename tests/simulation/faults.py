"""Which call goes wrong how: drawn from the seed, counted, and reproducible one by one."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence

from tests.simulation.chance import unit
from tests.simulation.scenario import CRASHES, Fault, Scenario, Theme

FIRST_RATE = 0.15
"""How often each crash strikes where a run writes for the first time: what it comes to but once is what
few runs come to at all."""
FOCUS = 2
"""Each seed aims at one in so many write sites: there the first writes meet one crash after the other, so
that a site which few runs come to meets all of them in these few."""
FOCUS_RATE = 0.85


class Faults:
    """Decides; `over` ends all of it. A fault's name is its kind, its place and its number there."""

    def __init__(self, scenario: Scenario, told: Callable[[str], None]) -> None:
        self.over = False
        self.injected: list[str] = []
        self.sites: dict[str, Counter[str]] = defaultdict(Counter)
        """By write site: how often it was reached, and hit by each crash."""
        self._scenario = scenario
        self._told = told
        self._writes: Counter[str] = Counter()
        self._seen: Counter[tuple[str, str]] = Counter()
        self._due: dict[tuple[str, str], int] = {}
        """By kind and place: how often it could have happened, and when it will."""

    def strikes(self, kind: str, where: str = "") -> bool:
        """Say whether a fault of the kind happens here, this time."""
        rate = self._scenario.rates[kind]
        # Clocks do not get right because the rest does.
        over = self.over and self._scenario.theme is not Theme.CLOCKS
        if over or not rate:
            return False
        place = (kind, where)
        self._seen[place] += 1
        if place not in self._due:
            self._due[place] = self._gap(f"{kind}@{where}", 0, rate)
        number = self._seen[place]
        if number < self._due[place]:
            return False
        self._due[place] += self._gap(f"{kind}@{where}", number, rate)
        name = f"{kind}@{where}#{number}"
        if name in self._scenario.without:
            return False
        self._inject(name)
        return True

    def _gap(self, place: str, number: int, rate: float) -> int:
        """Return which of the next times is the first at which it happens: one draw instead of many."""
        if rate >= 1:
            return 1
        return 1 + int(math.log(1 - unit(self._scenario.seed, place, number)) / math.log(1 - rate))

    def at_write(self, site: str, kinds: Sequence[Fault]) -> Fault | None:
        """Return what goes wrong with a write at this site, this time, if anything."""
        self.sites[site]["reached"] += 1
        if self.over:
            return None
        self._writes[site] += 1
        number = self._writes[site]
        chance = unit(self._scenario.seed, site, number)
        aimed = number <= len(CRASHES) and self._aims(site)
        for kind in self._in_turn(site, number) if aimed else kinds:
            rate = FOCUS_RATE if aimed else self._rate(kind, number)
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

    def _rate(self, kind: Fault, number: int) -> float:
        left_out = kind not in CRASHES or kind in self._scenario.without
        first = number == 1 and self._focused and not left_out
        return FIRST_RATE if first else self._scenario.rates[kind]

    def _aims(self, site: str) -> bool:
        return self._focused and unit(self._scenario.seed, "focus", site) < 1 / FOCUS

    def _in_turn(self, site: str, number: int) -> Sequence[Fault]:
        """Return the one crash whose turn it is at a write site that this seed aims at."""
        first = int(len(CRASHES) * unit(self._scenario.seed, "turn", site))
        kind = CRASHES[(first + number) % len(CRASHES)]
        return () if kind in self._scenario.without else (kind,)

    @property
    def _focused(self) -> bool:
        return self._scenario.theme is Theme.ALL and "focus" not in self._scenario.without

    def _inject(self, name: str) -> None:
        self.injected.append(name)
        self._told(name)
