"""What dispatch needs from outside, in its own words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from shared.dispatch.domain import AssignmentContext, Offer, Order, Verdict
from shared.dispatch.drivers import Driver
from shared.dispatch.matching import Candidate, Config
from shared.dispatch.scoring import Proposal
from shared.kernel.geo import Point
from shared.kernel.once import Once
from shared.kernel.order import AssignmentState

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Keys:
    """The documents that one decision rests on."""

    order: str | None = None
    offer: str | None = None
    driver: str | None = None


class DispatchStore(Protocol):
    """Orders (their assignment), offers and drivers: what is true."""

    async def order(self, order_id: str) -> Order | None:
        """Return an order, or None."""
        ...

    async def offer(self, offer_id: str) -> Offer | None:
        """Return an offer, or None."""
        ...

    async def driver(self, driver_id: str) -> Driver | None:
        """Return a driver, or None."""
        ...

    async def change(
        self, keys: Keys, decide: Callable[[AssignmentContext], Verdict[R]], once: Once | None = None
    ) -> R:
        """Read what `keys` name, decide, store what differs in the verdict's context, tell its events.

        What is new in the context is created and must not exist. `decide` may run several times; what
        it raises ends the change with nothing stored.
        """
        ...

    async def count_review(
        self, driver_id: str, review_id: str, decide: Callable[[Driver], Driver]
    ) -> Driver | None:
        """Change a driver for a review that has not been counted yet; return the driver, or None.

        The same review a second time changes nothing.
        """
        ...

    async def not_matched(self, uid: str) -> frozenset[str]:
        """Return whom this person is never brought together with: who blocked them, or is blocked."""
        ...

    async def open_offers(self, expired_before: datetime, limit: int) -> Sequence[Offer]:
        """Return open offers whose time was over before that moment, oldest first."""
        ...

    async def searching_orders(self, idle_since: datetime, limit: int) -> Sequence[Order]:
        """Return orders whose search has shown no sign of life since that moment, oldest first."""
        ...

    async def waiting_orders(
        self, state: AssignmentState, untouched_since: datetime, limit: int
    ) -> Sequence[Order]:
        """Return orders that are ready and paid, stand in that state, and to which nothing has happened
        since that moment, oldest first."""
        ...

    async def ended_orders(self, untouched_since: datetime, limit: int) -> Sequence[Order]:
        """Return orders that ended before that moment and of which dispatch still has hold, oldest first."""
        ...


class DriverIndex(Protocol):
    """Where drivers are and how they stand: quick, and possibly empty, stale or wrong.

    Every method raises `DriverIndexUnavailable` when the index does not answer in time.
    """

    async def near(self, point: Point, radius_m: float, now: datetime) -> Sequence[Candidate]:
        """Return every driver seen within `radius_m` in the last minute by our own clock, nearest first."""
        ...

    async def reserve(self, driver_id: str, offer_id: str, duration: timedelta) -> bool:
        """Mark the driver as being asked; False when they are being asked by another offer."""
        ...

    async def release(self, driver_id: str, offer_id: str) -> None:
        """Take the mark of this offer away; another offer's mark stays."""
        ...

    async def upsert_position(self, driver: Driver, point: Point, now: datetime) -> None:
        """Put a driver onto the map, as their record has them."""
        ...

    async def upsert_profile(self, driver: Driver) -> None:
        """Tell the index how a driver stands; what it knows of a later version stays.

        A driver who is not online leaves the map.
        """
        ...

    async def mark_suspect(self, point: Point, radius_m: float, duration: timedelta) -> None:
        """Have whoever reports from within `radius_m` in that time, and stands as one who cannot be asked,
        looked up in the records."""
        ...

    async def remove(self, driver_id: str) -> None:
        """Remove someone who is no driver."""
        ...


class DriverDocuments(Protocol):
    """What drivers need to have shown."""

    async def valid_until(self, uid: str, now: datetime) -> datetime | None:
        """Return the moment at which the driver's papers end, which is not after `now` where some are
        missing; None where nobody asks for papers. Raises `Unavailable`."""
        ...


class Deadlines(Protocol):
    """Calls back at a time, at least once; the same deadline set twice is one.

    Raises `Unavailable` when a deadline could not be set.
    """

    async def schedule_offer_expiry(self, offer_id: str, at: datetime) -> None:
        """Have the offer looked at when its time is over."""
        ...

    async def schedule_search(self, order_id: str, search_attempt: int, at: datetime) -> None:
        """Have the search of an order go on with that search_attempt."""
        ...


class Matcher(Protocol):
    """A policy of matching; pure."""

    def __call__(
        self, orders: Sequence[Order], drivers: Sequence[Candidate], now: datetime, config: Config
    ) -> Sequence[Proposal]:
        """Return whom to ask for which order; no driver twice."""
        ...


@dataclass(frozen=True, slots=True)
class DispatchPorts:
    """Everything that looking for a driver takes."""

    store: DispatchStore
    index: DriverIndex
    deadlines: Deadlines
    matcher: Matcher
    config: Config
