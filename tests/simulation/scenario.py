"""What a seed stands for: who acts, what goes wrong how often, and when it stops going wrong."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from emulators.eventarc.delivery import FIRST_BACKOFF_SECONDS, LAST_BACKOFF_SECONDS, MAX_ATTEMPTS
from shared.kernel.order import Business
from tests.simulation.chance import stream, unit

PLACING_S = 200.0
"""The customers' first clicks fall into this time."""
FAULTS_S = 480.0
"""From here on nothing goes wrong any more."""
LONG_FAULTS_S = 1_300.0
"""In some runs it goes on for longer than a payment link lives."""
SETTLING_S = 660.0
"""How long after that everything may take to come to its end."""

ACTS: tuple[str, ...] = (
    *(
        "sign-ins",
        "second factor",
        "verification",
        "addresses",
        "opinions",
        "zones",
        "operators",
        "shopkeeping",
        "cooks",
        "thieves",
    ),
    *("series", "for later", "once more", "lazy drivers", "phones", "handing back", "silent drivers"),
    *("closing drivers", "support", "hoarders", "latecomers", "pharmacies"),
    *("trainees", "inboxes"),
)
"""What people do besides ordering, cooking and driving."""

SELF_HEALING = True
"""Whether half of the seeds have no operator who sends dead letters again: sweepers do without."""


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
    "batch-slow": 0.3,
    "message-duplicated": 0.15,
    "message-delayed": 0.1,
    "publish-partial": 0.5,
    "poison": 0.01,
    "news-lost": 0.05,
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
    "charge-odd": 0.2,
    "refund-pending": 0.4,
    "refund-rejected": 0.4,
    "reservation-lost": 0.7,
    "push-failed": 0.05,
    "copies-lost": 0.1,
    "token-dead": 0.05,
    "job-twice": 0.2,
    "job-missed": 0.1,
    "clock-skew": 0.5,
    "phone-glitch": 0.8,
    "client-impatient": 0.1,
}
"""How often each kind strikes where it can, at most; a seed turns some off and others down."""


class Theme(StrEnum):
    """What a run is about."""

    ALL = "all"
    """Everything goes wrong at once."""
    DRIVER_INDEX = "driver index"
    """Faults of the driver location index alone: wiped, stale, down; 17 holds from each fault's end on."""
    CLOCKS = "clocks"
    """Every process has a clock of its own, and every job runs twice."""


LOCAL_SHOPS, LOCAL_SHARE = "local shops", 0.25
"""In this share of the runs, the first shop is a local one. Orders of pharmacies are refused for now, and
those of travellers have no routes: neither is acted out."""

THEMES = (Theme.ALL,) * 8 + (Theme.DRIVER_INDEX, Theme.CLOCKS)
THEMED: Mapping[Theme, Mapping[str, float]] = {
    Theme.ALL: {},
    Theme.DRIVER_INDEX: {
        "slow": 0.005,
        "message-duplicated": 0.1,
        "client-impatient": 0.05,
        "reservation-lost": 0.5,
    },
    Theme.CLOCKS: {"clock-skew": 1.0, "job-twice": 1.0},
}
"""Where a run is about something, all that goes wrong apart from outages, and how often."""


@dataclass(frozen=True, slots=True)
class Redelivery:
    """How often the bus tries to deliver, and how long it waits between: doubled, up to a limit."""

    first_s: float
    last_s: float
    attempts: int

    def pauses(self) -> Iterator[float]:
        """Yield the pause after each failure but the last."""
        for n in range(self.attempts - 1):
            yield min(self.last_s, self.first_s * 2**n)


REDELIVERIES: Mapping[str, Redelivery] = {
    "at once": Redelivery(0.01, 0.01, MAX_ATTEMPTS),
    "as usual": Redelivery(FIRST_BACKOFF_SECONDS, LAST_BACKOFF_SECONDS, MAX_ATTEMPTS),
    "late": Redelivery(10.0, LAST_BACKOFF_SECONDS, MAX_ATTEMPTS),
}


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
    theme: Theme = field(init=False)
    faults_s: float = field(init=False)
    redelivery: Redelivery = field(init=False)
    operator: bool = field(init=False)
    """Whether somebody sends sound dead letters again when the trouble is over."""
    customers: tuple[str, ...] = field(init=False)
    drivers: tuple[str, ...] = field(init=False)
    merchants: tuple[str, ...] = field(init=False)
    outages: tuple[Outage, ...] = field(init=False)
    rates: Mapping[str, float] = field(init=False)

    def __post_init__(self) -> None:
        draw = stream(self.seed, "scenario")
        object.__setattr__(self, "theme", draw.choice(THEMES))
        object.__setattr__(self, "faults_s", LONG_FAULTS_S if draw.random() < 0.1 else FAULTS_S)
        wanted = {
            "redelivery": REDELIVERIES[draw.choice(("at once", "as usual", "as usual", "late"))],
            "operator": (draw.random() < 0.5 or not SELF_HEALING) and "operator" not in self.without,
            "customers": self._named("customer", draw.randint(3, 8)),
            "drivers": self._named("driver", draw.choice((0, 1, 1, 2, 2, 3, 4, 5))),
            "merchants": tuple(f"merchant-{n}" for n in range(1, draw.randint(1, 2) + 1)),
            "outages": self._outages(),
            "rates": {name: self._rate(name, most) for name, most in RATES.items()},
        }
        for name, value in wanted.items():
            object.__setattr__(self, name, value)

    @property
    def people(self) -> tuple[str, ...]:
        """Return everybody who has an account."""
        return (*self.customers, *self.drivers, *self.merchants)

    @property
    def business(self) -> Business:
        """Return the business of the run's first shop; its neighbour, if there is one, sells food."""
        return Business.LOCAL if self.acts(LOCAL_SHOPS, "business", LOCAL_SHARE) else Business.FOOD

    def business_of(self, merchant: str) -> Business:
        """Return the business of one merchant."""
        return self.business if merchant == "merchant-1" else Business.FOOD

    @property
    def documents_required(self) -> bool:
        """Say whether drivers and merchants need verification documents."""
        return self.acts("verification", "required", 0.2)

    def acts(self, what: str, who: str, share: float) -> bool:
        """Say whether somebody does something that only a share of people do; `what` can be left out."""
        return what not in self.without and unit(self.seed, what, who) < share

    @property
    def placing_s(self) -> float:
        """Return the time within which the customers place their orders; where the index alone
        fails, some orders wait for a driver only after its last outage."""
        return self.faults_s + PLACING_S if self.theme is Theme.DRIVER_INDEX else PLACING_S

    @property
    def parts(self) -> list[str]:
        """Return the names of all that could be left out, the largest first."""
        kinds = [name for name, rate in self.rates.items() if rate]
        outages = [outage.name for outage in self.outages]
        return [*self.customers, *self.drivers, *ACTS, LOCAL_SHOPS, *outages, "focus", *kinds]

    def _named(self, role: str, count: int) -> tuple[str, ...]:
        names = (f"{role}-{n}" for n in range(1, count + 1))
        return tuple(name for name in names if name not in self.without)

    def _rate(self, name: str, most: float) -> float:
        if name in self.without:
            return 0.0
        if self.theme is not Theme.ALL:
            return THEMED[self.theme].get(name, 0.0)
        if unit(self.seed, "off", name) < 0.3:
            return 0.0
        return float(most * 10 ** -unit(self.seed, "rate", name))

    def _outages(self) -> tuple[Outage, ...]:
        draw = stream(self.seed, "outages")
        wanted = [
            (f"{what}-{n}", what, draw.uniform(20, self.faults_s - 60), _length(draw))
            for what, most in OUTAGES[self.theme].items()
            for n in range(1, draw.choice(most) + 1)
        ]
        found = [Outage(name, what, at, min(lasts, self.faults_s - at)) for name, what, at, lasts in wanted]
        if self.theme is not Theme.CLOCKS and draw.random() < 0.5:
            found.append(self._last_of_the_map(draw))
        return tuple(outage for outage in found if outage.name not in self.without)

    def _last_of_the_map(self, draw: random.Random) -> Outage:
        """Return an outage of the index that ends with all others: from there on the clock of 17 runs."""
        what = draw.choice(("index-down", "index-flush", "index-stale"))
        lasts = 0.0 if what == "index-flush" else _length(draw)
        return Outage("index-last", what, max(20.0, self.faults_s - lasts), min(lasts, self.faults_s - 20))


OUTAGES: Mapping[Theme, Mapping[str, tuple[int, ...]]] = {
    Theme.ALL: {
        "index-down": (0, 0, 1, 1, 2),
        "index-flush": (0, 1, 2, 4),
        "index-stale": (0, 0, 1),
        "bus-down": (0, 0, 1, 1, 2),
        "gateway-down": (0, 0, 1, 1, 2),
        "tasks-down": (0, 0, 1, 1, 2),
        "push-down": (0, 0, 1, 1, 2),
        "database-down": (0, 0, 0, 1),
        "dispatch_events-broken": (0, 0, 1),
        "payments_events-broken": (0, 0, 1),
        "notifications_events-broken": (0, 0, 0, 1),
    },
    Theme.DRIVER_INDEX: {"index-down": (0, 1, 2), "index-flush": (0, 1, 2), "index-stale": (1, 2, 3)},
    Theme.CLOCKS: {},
}
"""How often each may be down, by what the run is about."""


def _length(draw: random.Random) -> float:
    """Return seconds: most outages are short, some last ten minutes."""
    return draw.uniform(60, 600) if draw.random() < 0.25 else draw.uniform(5, 45)
