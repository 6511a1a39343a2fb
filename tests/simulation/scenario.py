"""What a seed stands for: who acts, what goes wrong how often, and when it stops going wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from tests.simulation.chance import stream, unit

PLACING_S = 200.0
"""The customers' first clicks fall into this time."""
FAULTS_S = 480.0
"""From here on nothing goes wrong any more."""
LONG_FAULTS_S = 1_300.0
"""In some runs it goes on for longer than a payment link lives."""
SETTLING_S = 660.0
"""How long after that everything may take to come to its end."""


class Fault(StrEnum):
    """What can go wrong at one port call."""

    KILL_BEFORE = "kill-before"
    KILL_AFTER = "kill-after"
    AMBIGUOUS = "ambiguous"
    """Applied, and the answer lost."""
    LOST = "lost-call"
    """Not applied, and the answer lost."""


CRASHES = (Fault.KILL_BEFORE, Fault.KILL_AFTER, Fault.AMBIGUOUS)
"""What every place that writes has to survive."""

RATES: Mapping[str, float] = {
    **dict.fromkeys(Fault, 0.02),
    "read-failed": 0.01,
    "slow": 0.02,
    "message-duplicated": 0.15,
    "message-delayed": 0.1,
    "poison": 0.01,
    "task-lost": 0.15,
    "task-early": 0.1,
    "task-late": 0.1,
    "task-doubled": 0.15,
    "webhook-lost": 0.2,
    "webhook-duplicated": 0.2,
    "webhook-delayed": 0.3,
    "gateway-declined": 0.3,
    "charge-failed": 0.4,
    "charge-late": 0.5,
    "refund-pending": 0.4,
    "refund-rejected": 0.4,
    "mark-lost": 0.7,
    "push-failed": 0.05,
    "token-dead": 0.05,
    "job-twice": 0.2,
    "job-missed": 0.1,
    "clock-skew": 0.5,
    "client-impatient": 0.1,
}
"""How often each kind strikes where it can, at most; a seed turns some off and others down."""


@dataclass(frozen=True, slots=True)
class Outage:
    """Something that is down, or loses all it knows, at a time."""

    name: str
    what: str
    at: float
    lasts: float


@dataclass(frozen=True)
class Scenario:
    """Everything that a seed decides before the run; `without` names actors and faults left out."""

    seed: int
    without: frozenset[str] = frozenset()
    faults_s: float = field(init=False)
    customers: tuple[str, ...] = field(init=False)
    drivers: tuple[str, ...] = field(init=False)
    merchants: tuple[str, ...] = field(init=False)
    outages: tuple[Outage, ...] = field(init=False)
    rates: Mapping[str, float] = field(init=False)

    def __post_init__(self) -> None:
        draw = stream(self.seed, "scenario")
        object.__setattr__(self, "faults_s", LONG_FAULTS_S if draw.random() < 0.1 else FAULTS_S)
        wanted = {
            "customers": self._named("customer", draw.randint(3, 8)),
            "drivers": self._named("driver", draw.choice((0, 1, 1, 2, 2, 3, 4, 5))),
            "merchants": tuple(f"merchant-{n}" for n in range(1, draw.randint(1, 2) + 1)),
            "outages": self._outages(),
            "rates": {name: self._rate(name, most) for name, most in RATES.items()},
        }
        for name, value in wanted.items():
            object.__setattr__(self, name, value)

    @property
    def parts(self) -> list[str]:
        """Return the names of all that could be left out, the largest first."""
        kinds = [name for name, rate in self.rates.items() if rate]
        outages = [outage.name for outage in self.outages]
        return [*self.customers, *self.drivers, *outages, "focus", *kinds]

    def _named(self, role: str, count: int) -> tuple[str, ...]:
        names = (f"{role}-{n}" for n in range(1, count + 1))
        return tuple(name for name in names if name not in self.without)

    def _rate(self, name: str, most: float) -> float:
        if name in self.without or unit(self.seed, "off", name) < 0.3:
            return 0.0
        return float(most * 10 ** -unit(self.seed, "rate", name))

    def _outages(self) -> tuple[Outage, ...]:
        draw = stream(self.seed, "outages")
        found = []
        for what in ("map-down", "map-flush", "bus-down", "gateway-down", "tasks-down", "push-down"):
            most = (0, 1, 2, 4) if what == "map-flush" else (0, 0, 1, 1, 2)
            for n in range(1, draw.choice(most) + 1):
                at, lasts = draw.uniform(20, self.faults_s - 60), draw.uniform(5, 45)
                found.append(Outage(f"{what}-{n}", what, at, lasts))
        return tuple(outage for outage in found if outage.name not in self.without)
