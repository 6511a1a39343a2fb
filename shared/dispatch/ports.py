"""The ports of dispatch."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar

from shared.dispatch.domain import AssignmentContext, Offer, Order
from shared.dispatch.drivers import Driver, DriverStatus
from shared.dispatch.machine import ReviewState
from shared.dispatch.matching import Candidate, Config
from shared.dispatch.scoring import Proposal
from shared.kernel.batch import Cursor, Page
from shared.kernel.decision import Decision
from shared.kernel.geo import Point
from shared.kernel.idempotency import IdempotentRequest
from shared.kernel.order import AssignmentState
from shared.kernel.vehicle import DriverDocument

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Keys:
    """The ids of the documents that one decision reads.

    With `outstanding`, it also reads the outstanding offer of the driver, and the order of that offer; with
    `operator`, whether that person belongs to the staff of the order's merchant.
    """

    order: str | None = None
    offer: str | None = None
    driver: str | None = None
    outstanding: bool = False
    operator: str = ""


@dataclass(frozen=True, slots=True)
class Sight:
    """An order as it was read a moment ago; `source` is the store's own: what it has read it from."""

    order: Order
    source: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class DriverFilter:
    """Drivers in the order of their ids, after the id in `after`; None filters nothing."""

    limit: int
    after: tuple[object, ...] = ()
    review: ReviewState | None = None
    status: DriverStatus | None = None


class DispatchStore(Protocol):
    """Orders (their assignment), offers and drivers: the source of truth."""

    async def order(self, order_id: str) -> Order | None:
        """Return an order, or None."""
        ...

    async def sight(self, order_id: str) -> Sight | None:
        """Return an order, or None, so that a change that follows at once need not read it again."""
        ...

    async def offer(self, offer_id: str) -> Offer | None:
        """Return an offer, or None."""
        ...

    async def driver(self, driver_id: str) -> Driver | None:
        """Return a driver, or None."""
        ...

    async def drivers(self, by: DriverFilter) -> Sequence[Driver]:
        """Return drivers, at most the filter's limit."""
        ...

    async def change(
        self,
        keys: Keys,
        decide: Callable[[AssignmentContext], Decision[AssignmentContext, R]],
        idempotency: IdempotentRequest | None = None,
        sight: Sight | None = None,
    ) -> R:
        """Read the documents of `keys`, decide, store what the decision changes, publish its events.

        The order in `sight` is read again only where the decision does not change it and its search.

        A document that is new in the decision's state is created and must not exist. `decide` may run
        several times; an error that it raises ends the change, and nothing is stored.
        """
        ...

    async def count_review(
        self, driver_id: str, review_id: str, decide: Callable[[Driver], Driver]
    ) -> Driver | None:
        """Change a driver for a review that was not counted before; return the driver, or None.

        The same review a second time changes nothing.
        """
        ...

    async def not_matched(self, uid: str) -> frozenset[str]:
        """Return the users who are never matched with this user, because one side blocked the other."""
        ...

    async def open_offers(
        self, expired_before: datetime, limit: int, cursor: Cursor | None = None
    ) -> Page[Offer]:
        """Return open offers that expired before that moment, oldest first."""
        ...

    async def searching_orders(
        self, idle_since: datetime, limit: int, cursor: Cursor | None = None
    ) -> Page[Order]:
        """Return orders whose last search attempt was before that moment, oldest first."""
        ...

    async def waiting_orders(
        self, state: AssignmentState, untouched_since: datetime, limit: int, cursor: Cursor | None = None
    ) -> Page[Order]:
        """Return ready and paid orders in that state, last changed before that moment, oldest first."""
        ...

    async def orders_to_check(self, now: datetime, limit: int, cursor: Cursor | None = None) -> Page[Order]:
        """Return orders whose driver is to be looked at by now (`assignment.check_at`), oldest first."""
        ...

    async def ended_orders(
        self, untouched_since: datetime, limit: int, cursor: Cursor | None = None
    ) -> Page[Order]:
        """Return ended orders with active work, last changed before that moment, oldest first."""
        ...


class Accounts(Protocol):
    """The accounts of users."""

    async def is_closed(self, uid: str) -> bool:
        """Return whether the account is closed now. Raises `Unavailable`."""
        ...


class DriverIndex(Protocol):
    """The driver location index: quick to read, and possibly empty, stale or wrong.

    Every method raises `DriverIndexUnavailable` when the index does not answer in time.
    """

    async def near(
        self, point: Point, radius_m: float, located_since: datetime, limit: int | None = None
    ) -> Sequence[Candidate]:
        """Return the available drivers within `radius_m` whose position is not older than that.

        They come nearest first; with `limit`, so many of them at most.
        """
        ...

    async def in_region(self, region: str, located_since: datetime) -> Sequence[Candidate]:
        """Return the available drivers in a region (`shared.kernel.geo.region`), in any order.

        It is one bulk read: who matches many orders at once reads a region once, not a circle for each.
        """
        ...

    async def reserve(self, driver_id: str, offer_id: str, duration: timedelta) -> bool:
        """Reserve the driver for an offer; False when another offer has reserved them.

        The same offer may reserve again.
        """
        ...

    async def release(self, driver_id: str, offer_id: str) -> None:
        """Remove the reservation by this offer; a reservation by another offer stays."""
        ...

    async def upsert_position(self, driver: Driver, point: Point, now: datetime) -> None:
        """Store the driver's profile and position."""
        ...

    async def upsert_profile(self, driver: Driver) -> None:
        """Store the driver's availability and score terms, unless the index has a later version.

        A driver who can take no order leaves the searchable set.
        """
        ...

    async def mark_suspect(self, point: Point, radius_m: float, duration: timedelta) -> None:
        """Mark the index around a point as possibly stale for a time.

        Drivers who report from there and look unavailable are then looked up in their records.
        """
        ...

    async def remove(self, driver_id: str) -> None:
        """Remove a driver."""
        ...

    async def last_report(self, driver_id: str) -> datetime | None:
        """Return when the driver's last report was received; None where the index has no report."""
        ...


@dataclass(frozen=True, slots=True)
class RequiredDocument:
    """A kind of document that a driver needs, and until when an approved one is valid.

    `valid_until` is None where none is approved, or where the approved one never expires; `approved` says
    which. A document that has expired is not approved.
    """

    kind: DriverDocument
    approved: bool
    valid_until: datetime | None


class DriverDocuments(Protocol):
    """The verification documents that drivers need."""

    async def required(self, driver: Driver, now: datetime) -> Sequence[RequiredDocument]:
        """Return what the driver's vehicle requires, sorted by kind; empty where nothing is required.

        Raises `Unavailable`.
        """
        ...

    async def valid_until(self, uid: str, now: datetime) -> datetime | None:
        """Return when the documents that the driver's vehicle requires stop being valid; None without any.

        The moment is not after `now` where a document is missing, or the user is no driver. Raises
        `Unavailable`.
        """
        ...


class Deadlines(Protocol):
    """Calls back at a time, at least once; the same deadline set twice is one.

    Raises `Unavailable` when a deadline could not be set.
    """

    async def schedule_offer_expiry(self, offer_id: str, at: datetime) -> None:
        """Expire the offer at that time."""
        ...

    async def schedule_search(self, order_id: str, search_attempt: int, at: datetime) -> None:
        """Run that search attempt of an order at that time."""
        ...


class Matcher(Protocol):
    """A matching policy; pure."""

    def __call__(
        self, orders: Sequence[Order], drivers: Sequence[Candidate], now: datetime, config: Config
    ) -> Sequence[Proposal]:
        """Return one proposal for each order that has a candidate; no driver appears twice."""
        ...


class SearchPorts(Protocol):
    """Everything that the search for a driver needs."""

    @property
    def store(self) -> DispatchStore:
        """Return orders, offers and drivers."""
        ...

    @property
    def index(self) -> DriverIndex:
        """Return the driver location index."""
        ...

    @property
    def deadlines(self) -> Deadlines:
        """Return the deadlines."""
        ...

    @property
    def matcher(self) -> Matcher:
        """Return the matching policy."""
        ...

    @property
    def config(self) -> Config:
        """Return how dispatch searches and waits."""
        ...
