"""Choose the driver for an order. Pure functions, which production, simulation and benchmarks share."""

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
    """How long an offer is open, at least."""
    commit_allowance: timedelta = timedelta(seconds=2)
    """How long after its decision an offer may be stored and still be open for `offer_timeout`."""
    radii_m: tuple[float, ...] = (2_000.0, 4_000.0, 8_000.0, 12_000.0)
    """Search radii; each is tried when the one before made no offer."""
    weights: Weights = field(default_factory=Weights)
    max_position_age: timedelta = timedelta(seconds=60)
    """A driver whose position is older is not a candidate."""
    max_search_time: timedelta = timedelta(minutes=10)
    """A search ends as unassignable after so long without a candidate or an answer."""
    cooldown: timedelta = timedelta(minutes=5)
    """How long after its end a search is reopened for an order that still waits."""
    suspect_time: timedelta = timedelta(minutes=1)
    """How long the index is suspect where a search found no candidate; longer than two delays."""
    silent_after: timedelta = timedelta(minutes=10)
    """After so long without a position, the driver of an order is reported to operators."""
    delay_step: timedelta = timedelta(seconds=3)
    max_delay: timedelta = timedelta(seconds=30)

    def search_delay(self, search_attempt: int) -> timedelta:
        """Return how long to wait before a search attempt: longer each time, up to `max_delay`."""
        return min(self.max_delay, self.delay_step * search_attempt)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A driver as the index knows them, at `point` since `located_at` by the server's clock."""

    driver_id: str
    point: Point
    located_at: datetime
    status: DriverStatus
    load: int
    load_cap: int
    rating: float
    acceptance: float
    outstanding_offer: str | None = None


def is_available(candidate: Candidate, now: datetime, config: Config) -> bool:
    """Return whether a driver may get an offer: online, with a recent position and room for an order."""
    fresh = now - candidate.located_at <= config.max_position_age
    return fresh and candidate.status is DriverStatus.ONLINE and candidate.load < candidate.load_cap


def score(candidate: Candidate, pickup: Point, config: Config) -> Score:
    """Rate a driver for a pickup (seed 002: distance 40 %, rating 25 %, acceptance 20 %, load 15 %).

    Every term is between 0 and 1: the distance, falling from the pickup to the widest radius, the stars
    from one to five, the share of offers accepted, the free share of the load cap.
    """
    weights = config.weights
    distance = _clamp(1 - distance_m(candidate.point, pickup) / config.radii_m[-1])
    rating = _clamp((candidate.rating - MIN_STARS) / (MAX_STARS - MIN_STARS))
    acceptance = _clamp(candidate.acceptance)
    load = _clamp(1 - candidate.load / candidate.load_cap) if candidate.load_cap > 0 else 0.0
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
    """Give each order in turn the best driver that is left; an order without a candidate gets none.

    A driver with an outstanding offer, or among the order's excluded drivers, is no candidate. Equal
    scores go to the nearer driver, then to the smaller id, so that the result is deterministic.
    """
    left = {driver.driver_id: driver for driver in _free(drivers, now, config)}
    proposals: list[Proposal] = []
    for order in orders:
        best = min(_proposals(order, left.values(), config), key=_preference, default=None)
        if best:
            proposals.append(best)
            del left[best.driver_id]
    return tuple(proposals)


def rank(order: Order, drivers: Sequence[Candidate], now: datetime, config: Config) -> tuple[Proposal, ...]:
    """Return a proposal for each candidate of one order, the best first."""
    return tuple(sorted(_proposals(order, _free(drivers, now, config), config), key=_preference))


def _free(drivers: Iterable[Candidate], now: datetime, config: Config) -> list[Candidate]:
    return [d for d in drivers if is_available(d, now, config) and d.outstanding_offer is None]


def _proposals(order: Order, drivers: Iterable[Candidate], config: Config) -> list[Proposal]:
    return [_proposal(order, driver, config) for driver in drivers if order.may_ask(driver.driver_id)]


def _preference(proposal: Proposal) -> tuple[float, float, str]:
    return -proposal.score.total, proposal.distance_m, proposal.driver_id


def _proposal(order: Order, driver: Candidate, config: Config) -> Proposal:
    pickup = order.pickup.point
    return Proposal(
        order.id, driver.driver_id, distance_m(driver.point, pickup), score(driver, pickup, config)
    )


def _clamp(value: float) -> float:
    return max(0.0, min(1.0, value))
