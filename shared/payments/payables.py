"""What is paid for: an order or a tip, as this context sees it. Amounts in minor units."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.kernel.errors import NotFound, WrongState
from shared.kernel.money import Money
from shared.kernel.order import Fulfilment, PaymentState

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

UNDELIVERED = frozenset({Fulfilment.RETURNED, Fulfilment.CANCELLED})
"""The ends of an order after which its money goes back, less the cancellation fee. A delivery that
failed is none: there may be another try, or the goods are on their way back."""


class OrderNotFound(NotFound):
    """There is no such order, or it is not yours."""

    code = "ORDER_NOT_FOUND"
    detail = "There is no such order, or it is not yours."


class TipNotFound(OrderNotFound):
    """There is no such tip, or it is not yours."""

    code = "TIP_NOT_FOUND"
    detail = "There is no such tip, or it is not yours."


class AlreadyPaid(WrongState):
    """This has been paid."""

    code = "ALREADY_PAID"
    detail = "This has been paid."


class OrderClosed(WrongState):
    """This order can no longer be paid."""

    code = "ORDER_CLOSED"
    detail = "This order can no longer be paid."


@dataclass(frozen=True, slots=True)
class Amounts:
    """The part of a price that payments need."""

    total: int
    currency: str


@dataclass(frozen=True, slots=True)
class OrderPayment:
    """The slice of `orders/{id}` or `tips/{id}` that this context owns: the one charge that is kept."""

    state: PaymentState = PaymentState.NONE
    payment_id: str | None = None
    captured: int = 0
    refunded: int = 0
    settle_at: datetime | None = None
    """From when on the sweeper gives the money back if the order has ended undelivered; None once that
    is settled."""


@dataclass(frozen=True, slots=True)
class Payable:
    """What is paid for, as payments sees it: an order or, by its id, a tip; all but `payment` is others'.

    A tip names its order and the driver whom it is for.
    """

    id: str
    customer_id: str
    merchant_staff: tuple[str, ...]
    amounts: Amounts
    fulfilment: Fulfilment
    payment: OrderPayment
    cancellation_fee: int = 0
    """What is kept of the money when the order ends undelivered."""
    owed_back: int = 0
    """What goes back in all while it goes on, and when it is delivered: less was sent than was paid for."""
    refund_at: datetime | None = None
    """From when on the sweeper looks after `owed_back`. Orders sets it when more is owed; it is cleared here
    once that is seen to."""
    order_id: str = ""
    driver_id: str = ""

    @property
    def price(self) -> Money:
        """What the customer owes: the server's own total."""
        return Money(self.amounts.total, self.amounts.currency)

    @property
    def order(self) -> str:
        """The order that it is, or is about."""
        return self.order_id or self.id

    @property
    def tip(self) -> str:
        """The tip that it is; empty for an order."""
        return self.id if is_tip(self.id) else ""


def is_tip(payable_id: str) -> bool:
    """Say whether this is a tip's id and not an order's."""
    return payable_id.startswith("tip_")


def not_found(payable_id: str) -> OrderNotFound:
    """Return the refusal of an order, or of a tip, that there is not."""
    return TipNotFound() if is_tip(payable_id) else OrderNotFound()
