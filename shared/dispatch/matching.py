"""Which driver to ask for which order: a pure function, so that production, the simulator and the
benchmarks run the same one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from shared.dispatch.domain import Order
from shared.dispatch.drivers import DriverStatus
from shared.dispatch.scoring import Proposal, Score, Weights
from shared.kernel.geo import Point, distance_m

MIN_STARS, MAX_STARS = 1.0, 5.0


@dataclass(frozen=True, slots=True)
class Config:
    """How dispatch searches and how long it waits."""

    offer_timeout: timedelta = timedelta(seconds=30)
    radii_m: tuple[float, ...] = (2_000.0, 4_000.0, 8_000.0, 12_000.0)
    """Widened one by one until somebody is found."""
    weights: Weights = field(default_factory=Weights)
    max_position_age: timedelta = timedelta(seconds=60)
    """A position older than this says nothing about where the driver is."""
    max_search_time: timedelta = timedelta(minutes=10)
    """With nobody to ask and no answer for so long, the search rests and people are told."""
    cooldown: timedelta = timedelta(minutes=5)
    """So long after its end a search for an order that still waits is opened anew."""
    delay_step: timedelta = timedelta(seconds=3)
    max_delay: timedelta = timedelta(seconds=30)

    def search_delay(self, search_attempt: int) -> timedelta:
        """Return how long to wait before a search attempt: longer each time, up to a limit."""
        return min(self.max_delay, self.delay_step * search_attempt)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A driver as the index knows them; `asked` is the offer they are thinking about, if any."""

    driver_id: str
    point: Point
    at: datetime
    status: DriverStatus
    load: int
    load_cap: int
    rating: float
    acceptance: float
    asked: str | None = None


def available(candidate: Candidate, now: datetime, config: Config) -> bool:
    """Say whether a driver may be asked at all: online, seen lately, and with room for one more."""
    fresh = now - candidate.at <= config.max_position_age
    return fresh and candidate.status is DriverStatus.ONLINE and candidate.load < candidate.load_cap


def score(candidate: Candidate, pickup: Point, config: Config) -> Score:
    """Rate a driver for a pickup (seed 002: distance 40 %, rating 25 %, acceptance 20 %, load 15 %).

    Every term runs from 0 to 1: the distance down from the pickup to the widest radius, the stars
    from one to five, the share of offers accepted, the free share of the load cap.
    """
    weights = config.weights
    distance = _bounded(1 - distance_m(candidate.point, pickup) / config.radii_m[-1])
    rating = _bounded((candidate.rating - MIN_STARS) / (MAX_STARS - MIN_STARS))
    acceptance = _bounded(candidate.acceptance)
    load = _bounded(1 - candidate.load / candidate.load_cap) if candidate.load_cap > 0 else 0.0
    total = (
        weights.distance * distance
        + weights.rating * rating
        + weights.acceptance * acceptance
        + weights.load * load
    )
    return Score(total, distance, rating, acceptance, load, weights)


def sequential(
    orders: Sequence[Order], drivers: Sequence[Candidate], now: datetime, config: Config
) -> tuple[Proposal, ...]:
    """Give each order in turn the best driver that is left; an order for whom nobody is left gets none.

    Nobody is asked for an order that they declined or let lapse in this search_attempt, nor while they think
    about another one. Equal scores go to the nearer driver, then by id, so that the result is settled.
    """
    left = {d.driver_id: d for d in drivers if available(d, now, config) and d.asked is None}
    proposals: list[Proposal] = []
    for order in orders:
        best = min(_options(order, left.values(), config), key=_preference, default=None)
        if best:
            proposals.append(best)
            del left[best.driver_id]
    return tuple(proposals)


def ranked(order: Order, drivers: Sequence[Candidate], now: datetime, config: Config) -> tuple[Proposal, ...]:
    """Return everybody who could be asked for one order, with their terms, in the order of preference."""
    free = [d for d in drivers if available(d, now, config) and d.asked is None]
    return tuple(sorted(_options(order, free, config), key=_preference))


def _options(order: Order, drivers: Iterable[Candidate], config: Config) -> list[Proposal]:
    return [
        _proposal(order, d, config) for d in drivers if d.driver_id not in order.assignment.excluded_drivers
    ]


def _preference(proposal: Proposal) -> tuple[float, float, str]:
    return -proposal.score.total, proposal.distance_m, proposal.driver_id


def _proposal(order: Order, driver: Candidate, config: Config) -> Proposal:
    pickup = order.pickup.point
    return Proposal(
        order.id, driver.driver_id, distance_m(driver.point, pickup), score(driver, pickup, config)
    )


def _bounded(value: float) -> float:
    return max(0.0, min(1.0, value))
