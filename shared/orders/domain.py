"""The rules of an order: who may move it from where to where, and what that tells the others."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from shared.kernel.actor import Actor, Role
from shared.kernel.errors import Forbidden, Invalid, NotFound, WrongState
from shared.kernel.event import Event
from shared.kernel.order import AssignmentState, Business, Fulfilment, PaymentState
from shared.orders.pricing import Amounts, Line


class OrderNotFound(NotFound):
    """There is no such order, or it is not yours."""


class QuoteNotFound(NotFound):
    """There is no such quote, or it is not yours."""


class QuoteExpired(WrongState):
    """The quote is over; ask for a new one."""


class QuoteUsed(WrongState):
    """An order was placed from this quote before."""


class MerchantNotFound(Invalid):
    """There is no such merchant."""


class MerchantClosed(WrongState):
    """The merchant does not take orders now."""


class OutOfRange(Invalid):
    """The address is too far from the merchant."""


class IllegalTransition(WrongState):
    """The order is not in a state from which this can be done."""


class OrderNotPaid(WrongState):
    """The order is not paid."""


class NotPermitted(Forbidden):
    """Your role on this order does not allow that."""


@dataclass(frozen=True, slots=True)
class Place:
    """An address: degrees WGS 84, and the words for people."""

    lat: float
    lng: float
    address: str


@dataclass(frozen=True, slots=True)
class Assignment:
    """Dispatch's slice of the order; read here, written there."""

    state: AssignmentState = AssignmentState.NONE
    attempt: int = 0
    driver_id: str | None = None
    offer_id: str | None = None
    tried: tuple[str, ...] = ()
    round: int = 0
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Payment:
    """Payments' slice of the order; read here, written there. Amounts in minor units."""

    state: PaymentState = PaymentState.NONE
    payment_id: str | None = None
    captured: int = 0
    refunded: int = 0


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One line of the order's history; `seq` counts from 1 without gaps."""

    seq: int
    event_id: str
    type: str
    at: datetime
    actor: str


@dataclass(frozen=True, slots=True)
class Quote:
    """A price that holds until `expires_at`, pinned to one version of the menu."""

    id: str
    customer_id: str
    merchant_id: str
    merchant_name: str
    merchant_staff: tuple[str, ...]
    menu_version: int
    items: tuple[Line, ...]
    amounts: Amounts
    pickup: Place
    dropoff: Place
    distance_m: int
    prep_minutes: int
    eta_minutes: int
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Order:
    """One order. `fulfilment` is ours; `assignment` and `payment` are facts of their owners."""

    id: str
    business: Business
    customer_id: str
    merchant_id: str
    merchant_name: str
    merchant_staff: tuple[str, ...]
    items: tuple[Line, ...]
    amounts: Amounts
    pickup: Place
    dropoff: Place
    distance_m: int
    prep_minutes: int
    eta_minutes: int
    quote_id: str
    menu_version: int
    note: str
    placed_at: datetime
    updated_at: datetime
    fulfilment: Fulfilment = Fulfilment.PLACED
    assignment: Assignment = field(default_factory=Assignment)
    payment: Payment = field(default_factory=Payment)
    timeline: tuple[TimelineEntry, ...] = ()
    version: int = 0
    schema: int = 1

    def roles_of(self, uid: str) -> list[Role]:
        """Return the roles in which `uid` is a party to this order; raises `OrderNotFound` if in none.

        A cook may order at their own shop: then they are both.
        """
        held = {
            Role.CUSTOMER: uid == self.customer_id,
            Role.MERCHANT: uid in self.merchant_staff,
            Role.DRIVER: uid == self.assignment.driver_id,
        }
        if not any(held.values()):
            raise OrderNotFound
        return [role for role, holds in held.items() if holds]


Decision = tuple[Order, list[Event]]


def move(order: Order, target: Fulfilment, now: datetime) -> Order:
    """Return the order in its new state."""
    return replace(order, fulfilment=target, updated_at=now)


def party(order: Order, uid: str, wanted: Role | None = None) -> Actor:
    """Return who `uid` is on this order, as `wanted` where they hold that role beside another.

    Raises `OrderNotFound` for a stranger.
    """
    roles = order.roles_of(uid)
    return Actor(uid, wanted if wanted in roles else roles[0])
