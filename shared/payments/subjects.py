"""Charge subjects: orders and tips, as this context sees them. Amounts are in minor units."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.kernel.errors import NotFound, WrongState
from shared.kernel.india import INDIA
from shared.kernel.money import Money
from shared.kernel.order import Fulfilment, PaymentState
from shared.kernel.subject import ChargeKind, SubjectRef

CLOSED = frozenset(
    {
        Fulfilment.DELIVERED,
        Fulfilment.FAILED,
        Fulfilment.RETURNING,
        Fulfilment.RETURNED,
        Fulfilment.CANCELLED,
    }
)
"""The states of an order or tip in which no payment can start."""

UNDELIVERED = frozenset({Fulfilment.RETURNED, Fulfilment.CANCELLED})
"""The final states after which the payment is refunded, less the cancellation fee.

`failed` is not one of them: another delivery attempt or the return of the goods follows."""


class OrderNotFound(NotFound):
    """The order does not exist or belongs to another customer."""

    code = "ORDER_NOT_FOUND"
    detail = "There is no such order, or it is not yours."


class TipNotFound(OrderNotFound):
    """The tip does not exist or belongs to another customer."""

    code = "TIP_NOT_FOUND"
    detail = "There is no such tip, or it is not yours."


class AlreadyPaid(WrongState):
    """The order or tip is paid."""

    code = "ALREADY_PAID"
    detail = "This has been paid already."


class OrderClosed(WrongState):
    """The order has ended or the tip has expired."""

    code = "ORDER_CLOSED"
    detail = "This order or tip can no longer be paid."


@dataclass(frozen=True, slots=True)
class Amounts:
    """The part of a price that payments need."""

    total: int
    currency: str


@dataclass(frozen=True, slots=True)
class PaymentSlice:
    """The slice of `orders/{id}` or `tips/{id}` that this context owns: the payment that pays it."""

    state: PaymentState = PaymentState.NONE
    payment_id: str | None = None
    captured: int = 0
    refunded: int = 0
    reconcile_after: datetime | None = None
    """From when on the reconciler refunds the payment if the order ended undelivered; None once done."""


@dataclass(frozen=True, slots=True)
class ChargeSubject:
    """An order or a tip to be charged. This context owns `payment` alone.

    `order_id` is the order itself, or the order of the tip; a tip has a driver.
    """

    ref: SubjectRef
    order_id: str
    customer_id: str
    amounts: Amounts
    fulfilment: Fulfilment
    payment: PaymentSlice
    cancellation_fee: int = 0
    """What is retained of the payment when the order ends undelivered."""
    refund_due: int = 0
    """What is to be refunded in all for items that were paid for and not sent.

    It does not count once the order has ended undelivered."""
    refund_at: datetime | None = None
    """From when on the reconciler refunds `refund_due`. Orders sets it; this context clears it."""
    driver_id: str = ""
    merchant_id: str = ""
    """The merchant of an order; empty for a tip."""
    scheduled_for: datetime | None = None
    """For when an order is, in the time zone `timezone`; None for now."""
    timezone: str = INDIA

    @property
    def id(self) -> str:
        """The id of the order or the tip."""
        return self.ref.id

    @property
    def price(self) -> Money:
        """The total that the server computed."""
        return Money(self.amounts.total, self.amounts.currency)


def not_found(ref: SubjectRef) -> OrderNotFound:
    """Return the error for an order or a tip that does not exist."""
    return TipNotFound() if ref.kind is ChargeKind.TIP else OrderNotFound()
