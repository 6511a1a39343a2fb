"""Offers, and what dispatch sees of an order."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from math import cos, floor, radians
from typing import Generic, TypeVar

from shared.dispatch.drivers import Driver
from shared.dispatch.scoring import Ranking
from shared.kernel.errors import NotFound, Unavailable, WrongState
from shared.kernel.event import Event
from shared.kernel.geo import Point
from shared.kernel.money import Money
from shared.kernel.order import PAID, AssignmentState, Fulfilment, PaymentState

R = TypeVar("R")
ENDED = frozenset({Fulfilment.DELIVERED, Fulfilment.RETURNED, Fulfilment.CANCELLED})
"""The states in which an order needs its driver no more."""

AREA_M = 500.0
METRES_PER_DEGREE = 111_195.0
_OFFER_ID = re.compile(r"off_([0-9A-Za-z]{1,64})_[0-9]{1,9}")


class OrderNotFound(NotFound):
    """There is no such order."""

    code = "ORDER_NOT_FOUND"
    detail = "There is no such order."


class OfferNotFound(NotFound):
    """There is no such offer to you."""

    code = "OFFER_NOT_FOUND"
    detail = "There is no such offer to you."


class OfferNotOpen(WrongState):
    """This offer has been answered or has ended."""

    code = "OFFER_NOT_OPEN"
    detail = "This offer has been answered or has ended."


class OfferExpired(WrongState):
    """The time to answer this offer is over."""

    code = "OFFER_EXPIRED"
    detail = "The time to answer this offer is over."


class OrderNotWaiting(WrongState):
    """The order was cancelled or is offered to someone else by now."""

    code = "ORDER_NOT_WAITING"
    detail = "The order was cancelled or is offered to someone else by now."


class DriverIndexUnavailable(Unavailable):
    """Nearby drivers cannot be looked up at the moment."""

    code = "DRIVER_INDEX_UNAVAILABLE"
    detail = "Nearby drivers cannot be looked up at the moment."


class OfferState(StrEnum):
    """How an offer stands; every state but `open` is final."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Place:
    """A position and its address."""

    lat: float
    lng: float
    address: str = ""

    @property
    def point(self) -> Point:
        """The position alone."""
        return Point(self.lat, self.lng)


@dataclass(frozen=True, slots=True)
class Amounts:
    """What dispatch reads of an order's prices, in minor units."""

    delivery_fee: int
    currency: str


@dataclass(frozen=True, slots=True)
class Payment:
    """What dispatch reads of an order's payment."""

    state: PaymentState


@dataclass(frozen=True, slots=True)
class Assignment:
    """Dispatch's own slice of an order.

    `attempt` counts the offers, `search_attempt` the searches that found no driver or were reopened; both
    only grow, so that they name offers and tasks. `since` is when the last search or offer was.
    `no_candidates_since` is since when there has been nobody left to ask and no answer: a driver who lets an
    offer lapse does not end it, one who declines does. `has_active_work` says that dispatch still has hold of
    the order: a search, an offer or a driver's list names it.
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


@dataclass(frozen=True, slots=True)
class Order:
    """An order as dispatch sees it; only `assignment` is dispatch's to change."""

    id: str
    customer_id: str
    merchant_name: str
    merchant_staff: tuple[str, ...]
    fulfilment: Fulfilment
    payment: Payment
    amounts: Amounts
    pickup: Place
    dropoff: Place
    assignment: Assignment = field(default_factory=Assignment)

    def awaits_driver(self) -> bool:
        """Say whether a driver may be looked for now: cooked, paid, and nobody is asked or assigned."""
        idle = (AssignmentState.NONE, AssignmentState.SEARCHING)
        return self.is_ready_for_pickup() and self.assignment.state in idle

    def is_ready_for_pickup(self) -> bool:
        """Say whether a driver has something to fetch: cooked and paid."""
        return self.fulfilment is Fulfilment.READY and self.payment.state in PAID

    def has_ended(self) -> bool:
        """Say whether nobody will carry it any more."""
        return self.fulfilment in ENDED


@dataclass(frozen=True, slots=True)
class Offer:
    """One question to one driver; after `expires_at` it cannot be accepted, whoever notices first.

    `dropoff` is only the area: where the customer lives is for the driver who takes the order, and
    stands in the order.
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
    """What one decision rests on, and may replace; `ranking` is told of a new offer, and never read."""

    order: Order | None = None
    offer: Offer | None = None
    driver: Driver | None = None
    ranking: Ranking | None = None


@dataclass(frozen=True, slots=True)
class Verdict(Generic[R]):
    """A decision: the context after it, what the others hear of it, and what the caller is told."""

    context: AssignmentContext
    events: Sequence[Event]
    result: R


def area(place: Place) -> Place:
    """Return the middle of the square of about `AREA_M` in which a place lies, without its address.

    The squares lie fixed on the earth, so that many offers for one place tell no more than one.
    """
    lat = _middle(place.lat, AREA_M / METRES_PER_DEGREE)
    narrowing = max(cos(radians(lat)), 0.01)
    lng = _middle(place.lng, AREA_M / METRES_PER_DEGREE / narrowing)
    return Place(lat, min(180.0, max(-180.0, lng)))


def _middle(degrees: float, step: float) -> float:
    return round((floor(degrees / step) + 0.5) * step, 5)


def offer_id(order_id: str, attempt: int) -> str:
    """Return the id of an order's n-th offer: whoever makes it twice makes it once."""
    return f"off_{order_id.removeprefix('ord_')}_{attempt}"


def order_id_of(offer: str) -> str:
    """Return the id of the order that an offer's id names; raises `OfferNotFound` for no offer's id."""
    found = _OFFER_ID.fullmatch(offer)
    if found is None:
        raise OfferNotFound
    return f"ord_{found[1]}"
