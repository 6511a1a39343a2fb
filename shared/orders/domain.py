"""The rules of an order: who may move it from where to where, and what that tells the others."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from shared.kernel.actor import Actor, Role
from shared.kernel.errors import Forbidden, Invalid, NotFound, WrongState
from shared.kernel.event import Event
from shared.kernel.order import AssignmentState, Business, Fulfilment, PaymentState
from shared.orders.pricing import Amounts, Line
from shared.orders.substitution_state import Substitution


class OrderNotFound(NotFound):
    """There is no such order, or it is not yours."""

    code = "ORDER_NOT_FOUND"
    detail = "There is no such order, or it is not yours."


class QuoteNotFound(NotFound):
    """There is no such quote, or it is not yours."""

    code = "QUOTE_NOT_FOUND"
    detail = "There is no such quote, or it is not yours."


class QuoteExpired(WrongState):
    """The quote is over; ask for a new one."""

    code = "QUOTE_EXPIRED"
    detail = "The quote is over; ask for a new one."


class QuoteUsed(WrongState):
    """An order was placed from this quote before."""

    code = "QUOTE_USED"
    detail = "An order was placed from this quote before."


class MerchantNotFound(Invalid):
    """There is no such merchant."""

    code = "MERCHANT_NOT_FOUND"
    detail = "There is no such merchant."


class MerchantClosed(WrongState):
    """The merchant does not take orders now."""

    code = "MERCHANT_CLOSED"
    detail = "The merchant does not take orders now."


class CustomerBlocked(Forbidden):
    """This merchant takes no orders from you."""

    code = "CUSTOMER_BLOCKED"
    detail = "This merchant takes no orders from you."


class OutOfRange(Invalid):
    """The address is too far from the merchant."""

    code = "OUT_OF_RANGE"
    detail = "The address is too far from the merchant."


class OutsideServiceZone(Invalid):
    """The address lies outside the zones in which orders are delivered."""

    code = "OUTSIDE_SERVICE_ZONE"
    detail = "The address lies outside the zones in which orders are delivered."


class IllegalTransition(WrongState):
    """The order is not in a state from which this can be done."""

    code = "ILLEGAL_TRANSITION"
    detail = "The order is not in a state from which this can be done."


class OrderNotPaid(WrongState):
    """The order is not paid."""

    code = "ORDER_NOT_PAID"
    detail = "The order is not paid."


class NotPermitted(Forbidden):
    """Your role on this order does not allow that."""

    code = "NOT_PERMITTED"
    detail = "Your role on this order does not allow that."


class RequirementKind(StrEnum):
    """What may have to be shown before the goods move on."""

    PRESCRIPTION = "prescription"
    PICKUP_CODE = "pickup_code"
    IDENTITY = "identity"
    PROOF = "proof"
    DELIVERY_CODE = "delivery_code"


class FailureReason(StrEnum):
    """Why a delivery failed."""

    CUSTOMER_ABSENT = "customer_absent"
    REFUSED = "refused"
    ADDRESS_WRONG = "address_wrong"
    NO_VALID_ID = "no_valid_id"
    WRONG_ITEMS = "wrong_items"
    DAMAGED = "damaged"
    BREAKDOWN = "breakdown"
    UNSAFE = "unsafe"


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
    excluded_drivers: tuple[str, ...] = ()
    search_attempt: int = 0
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
class Requirement:
    """One thing that has to be shown, and whether it has been."""

    kind: RequirementKind
    met: bool = False


@dataclass(frozen=True, slots=True)
class Reserved:
    """So many of a counted item are kept for this order."""

    item_id: str
    quantity: int


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
    business: Business = Business.FOOD
    scheduled_for: datetime | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """One order. `fulfilment` is ours; `assignment` and `payment` are facts of their owners.

    `cancellation_fee` (minor units) is what is kept of the money when the order ends undelivered.
    `next_check_at` is when the sweeper looks whether somebody has to act; None where nobody has.
    `reserved` and `holds_slot` are what it keeps of the shop's stock and of the kitchen's room;
    `written_off` is what it had reserved and the shop turned out not to have.
    `reminded_at` and `delayed_since` say when whoever has it in hand was reminded of it, and when operators
    were told; both are cleared when it goes on.
    `owed_back` (minor units) is what goes back in all because less is sent than was paid for; `refund_at`
    marks for payments, which clears it, that it has risen.
    """

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
    requirements: tuple[Requirement, ...] = ()
    cancellation_fee: int = 0
    delivery_attempt: int = 1
    failure: FailureReason | None = None
    next_check_at: datetime | None = None
    reserved: tuple[Reserved, ...] = ()
    holds_slot: bool = False
    scheduled_for: datetime | None = None
    recurrence_id: str | None = None
    substitutions: tuple[Substitution, ...] = ()
    owed_back: int = 0
    refund_at: datetime | None = None
    written_off: tuple[Reserved, ...] = ()
    reminded_at: datetime | None = None
    delayed_since: datetime | None = None

    @property
    def carrier(self) -> Role:
        """The role of whoever carries this order."""
        return Role.TRAVELLER if self.business is Business.P2P else Role.DRIVER

    def roles_of(self, uid: str) -> list[Role]:
        """Return the roles in which `uid` is a party to this order; raises `OrderNotFound` if in none.

        A cook may order at their own shop: then they are both.
        """
        held = {
            Role.CUSTOMER: uid == self.customer_id,
            Role.MERCHANT: uid in self.merchant_staff,
            self.carrier: uid == self.assignment.driver_id,
        }
        if not any(held.values()):
            raise OrderNotFound
        return [role for role, holds in held.items() if holds]


Decision = tuple[Order, list[Event]]


def move(order: Order, target: Fulfilment, now: datetime) -> Order:
    """Return the order in its new state."""
    return replace(order, fulfilment=target, updated_at=now)


def party(order: Order, uid: str, *wanted: Role) -> Actor:
    """Return who `uid` is on this order, in a `wanted` role where they hold one beside another.

    Raises `OrderNotFound` for a stranger.
    """
    roles = order.roles_of(uid)
    return Actor(uid, next((role for role in roles if role in wanted), roles[0]))
