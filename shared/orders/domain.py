"""The order: its state, its parties and the errors that its rules raise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from shared.kernel.actor import Actor, Role
from shared.kernel.decision import Decision
from shared.kernel.errors import Forbidden, NotFound, WrongState
from shared.kernel.event import Event
from shared.kernel.india import INDIA
from shared.kernel.order import AssignmentState, Business, Fulfilment, PaymentState
from shared.orders.businesses import POLICIES
from shared.orders.businesses.policy import BusinessPolicy
from shared.orders.pricing import Amounts, Line
from shared.orders.substitution_state import Substitution

MAX_REPLACED = 50
"""How many replaced drivers an order remembers."""


class OrderNotFound(NotFound):
    """There is no such order, or it is not yours."""

    code = "ORDER_NOT_FOUND"
    detail = "There is no such order, or it is not yours."


class IllegalTransition(WrongState):
    """The order's state does not allow this."""

    code = "ILLEGAL_TRANSITION"
    detail = "The order's state does not allow this; read the order again."


class OrderNotPaid(WrongState):
    """The order is not paid."""

    code = "ORDER_NOT_PAID"
    detail = "The order is not paid; pay it first."


class NotPermitted(Forbidden):
    """Your role on this order does not allow that."""

    code = "NOT_PERMITTED"
    detail = "Your role on this order does not allow that."


class RequirementKind(StrEnum):
    """What a step may require before the goods move on."""

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
    """An address: degrees WGS 84, its text, and notes for the driver, such as how to get in."""

    lat: float
    lng: float
    address: str
    notes: str = ""


@dataclass(frozen=True, slots=True)
class Assignment:
    """The assignment, which dispatch writes and orders read."""

    state: AssignmentState = AssignmentState.NONE
    driver_id: str | None = None
    since: datetime | None = None
    escalated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Payment:
    """The payment, which payments write and orders read. Amounts in minor units."""

    state: PaymentState = PaymentState.NONE
    payment_id: str | None = None
    captured: int = 0
    refunded: int = 0


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One line of the order's history; `seq` counts all events from 1.

    Of a type with very many events the latest alone are kept; there, numbers are missing.
    """

    seq: int
    event_id: str
    type: str
    at: datetime
    actor: str


@dataclass(frozen=True, slots=True)
class Requirement:
    """One requirement of the order, and whether it is met."""

    kind: RequirementKind
    met: bool = False


@dataclass(frozen=True, slots=True)
class Reserved:
    """A quantity of a counted item that is reserved for this order."""

    item_id: str
    quantity: int


@dataclass(frozen=True, slots=True)
class OrderDetails:
    """What the customer alone reads of an order that has ended: its addresses and the note.

    `pickup` is None where it is the merchant's, which is no secret.
    """

    customer_id: str
    dropoff: Place
    pickup: Place | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """One order. Orders write `fulfilment`, dispatch `assignment`, and payments `payment`.

    `cancellation_fee` (minor units) is what is retained when the order ends undelivered.
    `next_check_at` is when the sweeper checks its timeouts and its SLA; None where it has none.
    `reserved` and `holds_slot` are its stock and its slot of the merchant's capacity; `written_off` is
    what it had reserved and the merchant turned out not to have.
    `reminded_at` and `delayed_since` say when the responsible party got a reminder, and since when
    operators see it as delayed; the next step clears both.
    `closed` says that areas stand in place of the customer's addresses (see `closing`). What they were is in
    `details`, which is stored apart from the order and only read where it is shown to the customer.
    A scheduled order is activated, which means handed to the merchant, at `activates_at`; the merchant can
    confirm it before that. `timezone` is the merchant's, in which people are shown its times.
    `refund_due` (minor units) is the total refund due because less is sent than was paid for; `refund_at`
    marks for payments, which clears it, that it has risen.
    """

    id: str
    business: Business
    customer_id: str
    merchant_id: str
    merchant_name: str
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
    activates_at: datetime | None = None
    confirmed_ahead_at: datetime | None = None
    timezone: str = INDIA
    recurrence_id: str | None = None
    substitutions: tuple[Substitution, ...] = ()
    refund_due: int = 0
    refund_at: datetime | None = None
    written_off: tuple[Reserved, ...] = ()
    reminded_at: datetime | None = None
    delayed_since: datetime | None = None
    replaced_drivers: tuple[str, ...] = ()
    """The latest drivers that operators have replaced: they have no part in the order any more."""
    closed: bool = False
    details: OrderDetails | None = None

    @property
    def policy(self) -> BusinessPolicy:
        """The rules of the order's business."""
        return POLICIES[self.business]

    def own_roles(self, uid: str) -> list[Role]:
        """Return the roles of `uid` that the order itself names: its customer and its driver."""
        held = {
            Role.CUSTOMER: uid == self.customer_id,
            self.policy.carrier: uid == self.assignment.driver_id and uid not in self.replaced_drivers,
        }
        return [role for role, holds in held.items() if holds]


OrderDecision = Decision[Order, Order]


def decided(order: Order, *events: Event) -> OrderDecision:
    """Return the decision for the new state of an order, which is the result as well."""
    return Decision(order, events, order)


def move(order: Order, target: Fulfilment, now: datetime) -> Order:
    """Return the order in its new state."""
    return replace(order, fulfilment=target, updated_at=now)


IsStaff = Callable[[str], bool]
"""Return whether a person belongs to the staff of the order's merchant now. Each call may cost a read."""


def depends_on_membership(order: Order, uid: str, *preferred: Role) -> bool:
    """Return whether the role of `uid` depends on their membership in the merchant's staff.

    It does not for the customer and the driver, unless only the staff has a `preferred` role.
    """
    own = order.own_roles(uid)
    return not own or (Role.MERCHANT in preferred and not any(role in preferred for role in own))


def party(order: Order, uid: str, is_staff: IsStaff, *preferred: Role) -> Actor:
    """Return `uid` as a party to this order, in a `preferred` role where they have several.

    An employee who orders at their own shop has two roles. Raises `OrderNotFound` for a stranger.
    """
    roles = order.own_roles(uid)
    if depends_on_membership(order, uid, *preferred) and is_staff(uid):  # mutant: dismissed-member
        roles.append(Role.MERCHANT)
    if not roles:
        raise OrderNotFound
    return Actor(uid, next((role for role in roles if role in preferred), roles[0]))
