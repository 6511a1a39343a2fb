"""Tips after delivery: each is a charge of its own, and changes nothing of its order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from shared.kernel.errors import WrongState
from shared.kernel.ids import derived_id
from shared.kernel.order import Fulfilment, PaymentState
from shared.orders.domain import Order, OrderNotFound, Payment, TimelineEntry

MIN_TIP = 100
"""Minor units: one rupee. The gateway makes no link for less."""
MAX_TIPS = 5
"""Of one order, paid or still open for payment."""
MAX_TIP_RECORDS = 25
"""Of one order, expired ones included."""
PAYMENT_WINDOW = timedelta(minutes=15)
"""How long a tip can be paid, as long as its payment link is valid."""
TIPPING_WINDOW = timedelta(days=30)
"""How long after delivery an order can be tipped for."""


class NotTippable(WrongState):
    """The order was not delivered by a driver."""

    code = "NOT_TIPPABLE"
    detail = "Only an order that a driver has delivered can be tipped for."


class TippingClosed(WrongState):
    """The order was delivered too long ago for a tip."""

    code = "TIPPING_CLOSED"
    detail = "The order was delivered more than 30 days ago."


class TooManyTips(WrongState):
    """The order has the maximum number of tips."""

    code = "TOO_MANY_TIPS"
    detail = "This order has the maximum number of tips. You can still pay an unpaid one."


@dataclass(frozen=True, slots=True)
class TipAmounts:
    """The price of a tip, in minor units of `currency`."""

    total: int
    currency: str


@dataclass(frozen=True, slots=True)
class Tip:
    """A tip of a customer for the driver of one order.

    For payments a tip is a charge subject as an order is: it has a price, a payer and a `payment`, which
    payments alone writes. `fulfilment` is placed while the tip can be paid, and failed after it expired: no
    link is made for it then, but a payment that was under way still goes to the driver.
    """

    id: str
    order_id: str
    customer_id: str
    driver_id: str
    amounts: TipAmounts
    created_at: datetime
    updated_at: datetime
    fulfilment: Fulfilment = Fulfilment.PLACED
    payment: Payment = field(default_factory=Payment)
    timeline: tuple[TimelineEntry, ...] = ()
    version: int = 0
    schema: int = 1


def tip_id(order_id: str, number: int) -> str:
    """Return the id of the n-th tip for an order, from 1: two concurrent tips cannot both be the n-th."""
    return derived_id("tip", order_id, str(number))


def tip_ids(order_id: str, count: int) -> list[str]:
    """Return the ids of the first `count` tips for an order."""
    return [tip_id(order_id, number + 1) for number in range(count)]


def create_tip(order: Order, existing: Sequence[Tip], customer_id: str, amount: int, now: datetime) -> Tip:
    """Return the next tip for an order of this customer, after all `existing` tips.

    Raises `OrderNotFound` for another customer, `NotTippable`, `TippingClosed` and `TooManyTips`.
    """
    if order.customer_id != customer_id:
        raise OrderNotFound
    driver = order.assignment.driver_id
    if order.fulfilment is not Fulfilment.DELIVERED or driver is None:  # mutant: tip-early
        raise NotTippable
    if now - delivered_at(order) > TIPPING_WINDOW:
        raise TippingClosed
    counted = [one for one in existing if one.payment.captured or one.fulfilment is Fulfilment.PLACED]
    if len(counted) >= MAX_TIPS or len(existing) >= MAX_TIP_RECORDS:
        raise TooManyTips
    return Tip(
        id=tip_id(order.id, len(existing) + 1),
        order_id=order.id,
        customer_id=customer_id,
        driver_id=driver,
        amounts=TipAmounts(amount, order.amounts.currency),
        created_at=now,
        updated_at=now,
    )


def expire(tip: Tip, now: datetime) -> Tip:
    """Return the tip as expired when it was not paid in time, else unchanged.

    A tip with a pending payment waits for the outcome of that payment.
    """
    idle = tip.payment.state in (PaymentState.NONE, PaymentState.FAILED)
    if tip.fulfilment is not Fulfilment.PLACED or not idle or now - tip.created_at < PAYMENT_WINDOW:
        return tip
    return replace(tip, fulfilment=Fulfilment.FAILED, updated_at=now)


def delivered_at(order: Order) -> datetime:
    """Return when an order was delivered, by its timeline."""
    times = (entry.at for entry in order.timeline if entry.type == "order_delivered")
    return max(times, default=order.updated_at)


def visible_tips(order: Order, tips: Sequence[Tip], uid: str) -> list[Tip]:
    """Return the tips that a user may read: the customer all, the driver the paid ones.

    Raises `OrderNotFound` for any other user.
    """
    if uid == order.customer_id:
        return list(tips)
    if uid != order.assignment.driver_id:
        raise OrderNotFound
    return [tip for tip in tips if tip.payment.captured and tip.driver_id == uid]
