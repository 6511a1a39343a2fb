"""Payments, refunds and the order they are for, as this context sees them. Amounts in minor units."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Generic, TypeVar

from shared.kernel.errors import Invalid, NotFound, Unauthenticated, Unavailable, WrongState
from shared.kernel.event import Event
from shared.kernel.ids import derived_id
from shared.kernel.money import Money
from shared.kernel.order import Fulfilment, PaymentState

R = TypeVar("R")

LINK_LIFETIME = timedelta(minutes=15)
CHECK_EVERY = timedelta(minutes=1)
LATE_MONEY = timedelta(days=5)
"""How long after its creation a payment that failed is still asked after: banks settle late."""

CLOSED = frozenset(
    {
        Fulfilment.DELIVERED,
        Fulfilment.FAILED,
        Fulfilment.RETURNING,
        Fulfilment.RETURNED,
        Fulfilment.CANCELLED,
    }
)
"""The states of an order for which no payment can be started any more."""

_OWN_ID = re.compile(r"(ord|pay|ref)_[0-9a-f]{32}")


class OrderNotFound(NotFound):
    """There is no such order, or it is not yours."""


class PaymentNotFound(NotFound):
    """There is no such payment, or it is not yours."""


class AlreadyPaid(WrongState):
    """This order has been paid."""


class OrderClosed(WrongState):
    """This order can no longer be paid."""


class PaymentInProgress(WrongState):
    """The bank is still deciding on an earlier payment of this order."""


class PaymentDeclined(WrongState):
    """The payment provider did not accept this; another try may work."""


class GatewayRefused(WrongState):
    """The payment provider refuses what it was asked."""


class GatewayUnavailable(Unavailable):
    """The payment provider does not answer; nothing was charged, try again."""


class NotStoredYet(Unavailable):
    """The provider speaks of a payment that is not stored, perhaps because it is just being stored."""


class BadSignature(Unauthenticated):
    """The payment provider has not signed this."""


class Mismatch(Invalid):
    """The provider's amount, currency or identifier is not the one that was agreed."""


class State(StrEnum):
    """Where one attempt to pay stands; it never moves from money to no money."""

    PENDING = "pending"
    FAILED = "failed"
    CAPTURED = "captured"
    REFUNDING = "refunding"
    PARTLY_REFUNDED = "partly_refunded"
    REFUNDED = "refunded"


class RefundState(StrEnum):
    """Where one refund stands; only a pending one moves."""

    PENDING = "pending"
    PROCESSED = "processed"
    FAILED = "failed"


class ChargeState(StrEnum):
    """What the gateway says of one attempt."""

    CREATED = "created"
    AUTHORISED = "authorised"
    CAPTURED = "captured"
    FAILED = "failed"


class Method(StrEnum):
    """How the customer pays."""

    UPI_INTENT = "upi_intent"


@dataclass(frozen=True, slots=True)
class Amounts:
    """The part of an order's price that payments need."""

    total: int
    currency: str


@dataclass(frozen=True, slots=True)
class OrderPayment:
    """The slice of `orders/{id}` that this context owns: the one charge that is kept."""

    state: PaymentState = PaymentState.NONE
    payment_id: str | None = None
    captured: int = 0
    refunded: int = 0


@dataclass(frozen=True, slots=True)
class Order:
    """An order as payments sees it; all but `payment` belongs to others."""

    id: str
    customer_id: str
    merchant_staff: tuple[str, ...]
    amounts: Amounts
    fulfilment: Fulfilment
    payment: OrderPayment

    @property
    def price(self) -> Money:
        """What the customer owes: the server's own total."""
        return Money(self.amounts.total, self.amounts.currency)


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """One attempt to pay an order in full. `refunding + refunded <= captured` at all times."""

    id: str
    order_id: str
    customer_id: str
    merchant_staff: tuple[str, ...]
    attempt: int
    amount: Money
    method: Method
    state: State
    gateway_order_id: str
    gateway_payment_id: str
    link: str
    created_at: datetime
    expires_at: datetime
    captured: int = 0
    refunding: int = 0
    refunded: int = 0
    failure: str = ""
    due_at: datetime | None = None
    """When the poller asks the gateway about it next; None when there is nothing left to learn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    """One request to give money back."""

    id: str
    payment_id: str
    order_id: str
    customer_id: str
    attempt: int
    amount: Money
    reason: str
    state: RefundState
    gateway_payment_id: str
    gateway_refund_id: str | None = None
    created_at: datetime
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Charge:
    """What the gateway says of an attempt: its own id, the state and the amount."""

    gateway_payment_id: str
    state: ChargeState
    amount: Money
    failure: str = ""


@dataclass(frozen=True, slots=True)
class RefundReport:
    """What the gateway says of a refund."""

    gateway_refund_id: str
    state: RefundState
    amount: Money


@dataclass(frozen=True, slots=True)
class Books:
    """Everything one decision rests on: an order, one attempt to pay it, and refunds of that by id."""

    order: Order
    payment: Payment | None = None
    refunds: Mapping[str, Refund] = field(default_factory=dict)

    def with_refund(self, refund: Refund) -> Books:
        """Return the books with `refund` entered or replaced."""
        return replace(self, refunds={**self.refunds, refund.id: refund})


@dataclass(frozen=True, slots=True)
class Decision(Generic[R]):
    """The books as they shall be, what to tell, and what the caller learns."""

    books: Books
    events: Sequence[Event]
    result: R


def payment_id(order_id: str, attempt: int) -> str:
    """Return the id of the n-th attempt to pay an order: a retry finds what the first try made."""
    return derived_id("pay", order_id, str(attempt))


def refund_id(paid: str, attempt: int) -> str:
    """Return the id of the n-th try to refund the payment `paid`."""
    return derived_id("ref", paid, str(attempt))


def is_own_id(text: str) -> bool:
    """Say whether `text` has the form of an order's, a payment's or a refund's id of ours."""
    return _OWN_ID.fullmatch(text) is not None
