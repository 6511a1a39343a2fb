"""Tips after delivery: each is a thing of its own to pay, and changes nothing of its order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from shared.kernel.errors import WrongState
from shared.kernel.ids import derived_id
from shared.kernel.order import Fulfilment, PaymentState
from shared.orders.domain import Order, OrderNotFound, Payment, TimelineEntry

MIN_TIP = 100
"""Minor units: one rupee, below which the gateway makes no link."""
MAX_TIPS = 5
"""Of one order, that were paid or can still be."""
MAX_EVER = 25
"""Of one order, those included that nobody paid."""
PAYABLE_FOR = timedelta(minutes=15)
"""How long a tip waits for somebody who pays it, as long as a payment's link does."""
TIPPED_WITHIN = timedelta(days=30)


class NotTippable(WrongState):
    """Only an order that a driver has delivered can be tipped for."""

    code = "NOT_TIPPABLE"
    detail = "Only an order that a driver has delivered can be tipped for."


class TippingClosed(WrongState):
    """The order was delivered too long ago for a tip."""

    code = "TIPPING_CLOSED"
    detail = "The order was delivered too long ago for a tip."


class TooManyTips(WrongState):
    """There are as many tips for this order as there can be; an unpaid one can still be paid."""

    code = "TOO_MANY_TIPS"
    detail = "There are as many tips for this order as there can be; an unpaid one can still be paid."


@dataclass(frozen=True, slots=True)
class TipAmounts:
    """What a tip comes to, in minor units of `currency`."""

    total: int
    currency: str


@dataclass(frozen=True, slots=True)
class Tip:
    """Something that a customer gives a driver for one order.

    To payments it is what an order is: something with a price, a payer and a `payment` of its own, which
    payments alone writes. `fulfilment` is placed while it can be paid, and failed once it has lapsed: no
    link is made for it any more, while money that was on its way then is still the driver's.
    """

    id: str
    order_id: str
    customer_id: str
    driver_id: str
    amounts: TipAmounts
    created_at: datetime
    updated_at: datetime
    merchant_staff: tuple[str, ...] = ()
    fulfilment: Fulfilment = Fulfilment.PLACED
    payment: Payment = field(default_factory=Payment)
    timeline: tuple[TimelineEntry, ...] = ()
    version: int = 0
    schema: int = 1


def tip_id(order_id: str, number: int) -> str:
    """Return the id of the n-th tip for an order, from 1: two at once cannot both be the n-th."""
    return derived_id("tip", order_id, str(number))


def tip_ids(order_id: str, count: int) -> list[str]:
    """Return the ids of the first `count` tips for an order."""
    return [tip_id(order_id, number + 1) for number in range(count)]


def tip(order: Order, given: Sequence[Tip], customer_id: str, amount: int, now: datetime) -> Tip:
    """Return the next tip for an order of this customer, with all tips `given` so far.

    Raises `OrderNotFound` for anybody else, `NotTippable`, `TippingClosed` and `TooManyTips`.
    """
    if order.customer_id != customer_id:
        raise OrderNotFound
    driver = order.assignment.driver_id
    if order.fulfilment is not Fulfilment.DELIVERED or driver is None:
        raise NotTippable
    if now - delivered_at(order) > TIPPED_WITHIN:
        raise TippingClosed
    standing = [one for one in given if one.payment.captured or one.fulfilment is Fulfilment.PLACED]
    if len(standing) >= MAX_TIPS or len(given) >= MAX_EVER:
        raise TooManyTips
    return Tip(
        id=tip_id(order.id, len(given) + 1),
        order_id=order.id,
        customer_id=customer_id,
        driver_id=driver,
        amounts=TipAmounts(amount, order.amounts.currency),
        created_at=now,
        updated_at=now,
    )


def lapsed(one: Tip, now: datetime) -> Tip:
    """Return a tip that nobody has paid in time as lapsed, any other as it is.

    One that is being paid waits for what comes of that.
    """
    idle = one.payment.state in (PaymentState.NONE, PaymentState.FAILED)
    if one.fulfilment is not Fulfilment.PLACED or not idle or now - one.created_at < PAYABLE_FOR:
        return one
    return replace(one, fulfilment=Fulfilment.FAILED, updated_at=now)


def delivered_at(order: Order) -> datetime:
    """Return when an order was delivered, by its timeline."""
    times = (entry.at for entry in order.timeline if entry.type == "order_delivered")
    return max(times, default=order.updated_at)


def shown(order: Order, given: Sequence[Tip], uid: str) -> list[Tip]:
    """Return the tips that somebody may see: the customer all, the driver those that were paid.

    Raises `OrderNotFound` for everyone else.
    """
    if uid == order.customer_id:
        return list(given)
    if uid != order.assignment.driver_id:
        raise OrderNotFound
    return [one for one in given if one.payment.captured and one.driver_id == uid]
