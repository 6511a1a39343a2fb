"""Offers, assignments, and the part of an order that dispatch reads."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from shared.dispatch.drivers import Driver
from shared.dispatch.machine import Cause, OfferState, next_assignment
from shared.dispatch.scoring import Ranking
from shared.kernel.audit import AuditEntry
from shared.kernel.errors import NotFound, Unavailable, WrongState
from shared.kernel.geo import Point, area_of
from shared.kernel.money import Money
from shared.kernel.order import PAID, AssignmentState, Fulfilment, PaymentState

ENDED = frozenset({Fulfilment.DELIVERED, Fulfilment.RETURNED, Fulfilment.CANCELLED})
"""The states in which an order needs no driver any more."""

MAX_NOT_ASKED = 100
"""How many drivers a search remembers that it does not ask, of each kind: the latest."""

_OFFER_ID = re.compile(r"off_([0-9A-Za-z]{1,64})_[0-9]{1,9}")


class OrderNotFound(NotFound):
    """The order does not exist."""

    code = "ORDER_NOT_FOUND"
    detail = "The order does not exist. Check the order id."


class OfferNotFound(NotFound):
    """The offer does not exist, or it was made to another driver."""

    code = "OFFER_NOT_FOUND"
    detail = "You have no such offer. Check the offer id."


class OfferNotOpen(WrongState):
    """The offer was answered before, has expired or was withdrawn."""

    code = "OFFER_NOT_OPEN"
    detail = "This offer was answered before, has expired or was withdrawn. Wait for the next offer."


class OfferAnswerTooLate(WrongState):
    """The driver answered after the offer's expiry."""

    code = "OFFER_EXPIRED"
    detail = "The time to answer this offer is over. Wait for the next offer."


class OrderNotWaiting(WrongState):
    """The order needs no driver, or its assignment has changed since it was read."""

    code = "ORDER_NOT_WAITING"
    detail = "The order was cancelled or is offered to another driver. Wait for the next offer."


class DriverIndexUnavailable(Unavailable):
    """The driver location index does not answer."""

    code = "DRIVER_INDEX_UNAVAILABLE"
    detail = "Nearby drivers cannot be looked up at the moment. Try again in a few seconds."


@dataclass(frozen=True, slots=True)
class Place:
    """A position and its address."""

    lat: float
    lng: float
    address: str = ""

    @property
    def point(self) -> Point:
        """Return the position without the address."""
        return Point(self.lat, self.lng)


@dataclass(frozen=True, slots=True)
class Amounts:
    """The part of an order's prices that dispatch reads, in minor units."""

    delivery_fee: int
    currency: str


@dataclass(frozen=True, slots=True)
class Payment:
    """The part of an order's payment that dispatch reads."""

    state: PaymentState


class EscalationReason(StrEnum):
    """Why operators have to look at an order."""

    NO_DRIVER = "no_driver"
    DRIVER_SILENT = "driver_silent"
    DRIVER_ACCOUNT_CLOSED = "driver_account_closed"
    BREAKDOWN = "breakdown"
    UNSAFE = "unsafe"
    DAMAGED = "damaged"
    WRONG_ITEMS = "wrong_items"


PROBLEMS = frozenset(
    {
        EscalationReason.BREAKDOWN,
        EscalationReason.UNSAFE,
        EscalationReason.DAMAGED,
        EscalationReason.WRONG_ITEMS,
    }
)
"""The failures of a delivery that operators look at: neither driver nor customer can make them good alone."""

UNDELIVERED = frozenset({Fulfilment.FAILED, Fulfilment.RETURNING})
"""The states of an order whose delivery has failed and whose goods are not back yet."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """The slice of an order that dispatch owns.

    `attempt` counts the offers, `search_attempt` the searches that made no offer or were reopened; both
    only grow, so that they name offers and tasks. `since` is the time of the last search or offer.
    `no_candidates_since` is when candidates ran out: an offer that times out does not reset it, a decline
    does. `has_active_work` is true while a search, an offer or a driver's list still names the order.
    `former_drivers` had the order and are not asked again, in no search. Of these, and of
    `excluded_drivers`, the latest `MAX_NOT_ASKED` are remembered. While a driver has the order,
    `check_at` is when their reports are looked at next, `unheard_since` since when the index has none of
    them, and `silent_since` since when they are silent. `escalated_at` is since when operators have to look
    at the order, and `escalation` why.
    """

    state: AssignmentState = AssignmentState.NONE
    attempt: int = 0
    driver_id: str | None = None
    offer_id: str | None = None
    excluded_drivers: tuple[str, ...] = ()
    search_attempt: int = 0
    since: datetime | None = None
    no_candidates_since: datetime | None = None
    has_active_work: bool = False
    former_drivers: tuple[str, ...] = ()
    check_at: datetime | None = None
    unheard_since: datetime | None = None
    silent_since: datetime | None = None
    escalated_at: datetime | None = None
    escalation: EscalationReason | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """An order as dispatch reads it; dispatch writes `assignment` alone."""

    id: str
    customer_id: str
    merchant_id: str
    merchant_name: str
    fulfilment: Fulfilment
    payment: Payment
    amounts: Amounts
    pickup: Place
    dropoff: Place
    assignment: Assignment = field(default_factory=Assignment)
    replaced_drivers: tuple[str, ...] = ()
    """The drivers that operators have replaced; orders write them."""
    failure: str | None = None
    """Why the last delivery attempt failed; orders write it."""

    def may_ask(self, driver_id: str) -> bool:
        """Return whether the order may be offered to a driver."""
        seen = self.assignment
        return driver_id not in (*seen.excluded_drivers, *seen.former_drivers, *self.replaced_drivers)

    def awaits_driver(self) -> bool:
        """Return whether the order can be offered now: ready, paid, neither offered nor assigned."""
        return (
            self.is_ready_for_pickup()
            and next_assignment(self.assignment.state, Cause.OFFER_MADE) is not None
        )

    def is_ready_for_pickup(self) -> bool:
        """Return whether the goods are ready and paid."""
        return self.fulfilment is Fulfilment.READY and self.payment.state in PAID

    def problem(self) -> EscalationReason | None:
        """Return the driver's problem that operators decide about, until the goods are back or under way."""
        if self.fulfilment not in UNDELIVERED or self.failure not in PROBLEMS:
            return None
        return EscalationReason(self.failure)

    def has_ended(self) -> bool:
        """Return whether the order needs no driver any more."""
        return self.fulfilment in ENDED


@dataclass(frozen=True, slots=True)
class Offer:
    """One order offered to one driver; from `expires_at` on it cannot be accepted.

    `made_at` is when it was decided, a moment before the driver sees it.
    `dropoff` is the area alone. The driver who accepts reads the address in the order.
    """

    id: str
    order_id: str
    driver_id: str
    attempt: int
    state: OfferState
    made_at: datetime
    expires_at: datetime
    distance_m: float
    pay: Money
    pickup: Place
    dropoff: Place
    merchant_name: str


@dataclass(frozen=True, slots=True)
class AssignmentContext:
    """The documents that one decision reads and may replace.

    `ranking` is written together with a new offer, and `audit` with what an operator does; neither is
    ever read. `read_at` is when the documents were
    read, and `offered_at` since when the open offer is stored. Both are by the clock of the database, by
    which the time of offers is judged: the processes that make, answer and expire an offer have one clock,
    and read it at each decision (infra/adr/0014).
    """

    order: Order | None = None
    offer: Offer | None = None
    driver: Driver | None = None
    ranking: Ranking | None = None
    audit: AuditEntry | None = None
    read_at: datetime | None = None
    offered_at: datetime | None = None
    operator_is_staff: bool = False
    """Whether the operator who decides works for the order's merchant."""

    def time(self, now: datetime) -> datetime:
        """Return the time of the decision; `now` where the documents come from no database."""
        return self.read_at or now


def area(place: Place) -> Place:
    """Return the area of a place, without its address."""
    centre = area_of(place.point)
    return Place(centre.lat, centre.lng)


def offer_id(order_id: str, attempt: int) -> str:
    """Return the id of an order's n-th offer; it is derived, so that one attempt makes one offer."""
    return f"off_{order_id.removeprefix('ord_')}_{attempt}"


def order_id_of(offer: str) -> str:
    """Return the id of the order that an offer's id names. Raises `OfferNotFound` for any other text."""
    found = _OFFER_ID.fullmatch(offer)
    if found is None:
        raise OfferNotFound
    return f"ord_{found[1]}"
