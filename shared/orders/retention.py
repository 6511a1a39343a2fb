"""What is kept of a customer's money when an order ends undelivered: the terms of each business.

By whose fault, and how far the order had come. Whatever is not kept goes back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from shared.kernel.money import Money
from shared.kernel.order import AssignmentState, Business, Fulfilment
from shared.orders.domain import Order
from shared.orders.failures import CAUSES, Fault

_F = Fulfilment


@dataclass(frozen=True, slots=True)
class Retained:
    """Shares in basis points: of the goods as they were charged, and of the delivery fee."""

    items: int = 0
    delivery: int = 0


FULL_SHARE = 10_000
NOTHING = Retained()
DELIVERY = Retained(delivery=FULL_SHARE)
ITEMS = Retained(items=FULL_SHARE)
EVERYTHING = Retained(items=FULL_SHARE, delivery=FULL_SHARE)

BEFORE_PICKUP: Mapping[Business, Mapping[Fulfilment, Retained]] = {
    Business.FOOD: {
        _F.SCHEDULED: NOTHING,
        _F.PLACED: NOTHING,
        _F.CONFIRMED: DELIVERY,
        _F.PREPARING: ITEMS,
        _F.READY: ITEMS,
    },
    Business.LOCAL: {_F.SCHEDULED: NOTHING, _F.PLACED: NOTHING, _F.READY: DELIVERY},
    Business.MED: {
        _F.SCHEDULED: NOTHING,
        _F.PLACED: NOTHING,
        _F.CONFIRMED: NOTHING,
        _F.PREPARING: DELIVERY,
        _F.READY: Retained(items=2_000, delivery=FULL_SHARE),
    },
    Business.P2P: {_F.SCHEDULED: NOTHING, _F.PLACED: NOTHING, _F.CONFIRMED: Retained(delivery=5_000)},
}
"""When the customer cancels: by the state, in the order in which they come."""

AFTER_RETURN: Mapping[Business, Mapping[Fault, Retained]] = {
    Business.FOOD: {Fault.CUSTOMER: EVERYTHING},
    Business.LOCAL: {Fault.CUSTOMER: DELIVERY},
    Business.MED: {Fault.CUSTOMER: Retained(items=2_000, delivery=FULL_SHARE)},
    Business.P2P: {Fault.CUSTOMER: DELIVERY},
}
"""When the delivery failed and the goods came back: by whose fault; nothing where it is not listed."""


def retained_on_cancellation(order: Order) -> int:
    """Return the fee (minor units) of a customer who cancels now.

    The highest of the states so far, so that waiting makes it no cheaper; nothing once the search for a
    driver has been given up.
    """
    if order.assignment.state is AssignmentState.UNASSIGNABLE:
        return 0
    fee = 0
    for state, retained in BEFORE_PICKUP[order.business].items():
        fee = max(fee, _amount(order, retained))
        if state is order.fulfilment:
            break
    return fee


def retained_on_return(order: Order) -> int:
    """Return the fee (minor units) of an order whose goods came back."""
    fault = CAUSES[order.failure].fault if order.failure else Fault.NOBODY
    return _amount(order, AFTER_RETURN[order.business].get(fault, NOTHING))


def _amount(order: Order, retained: Retained) -> int:
    """Return the shares of this order, never more than there is of its money; a tip always goes back."""
    amounts = order.amounts
    paid = order.payment.captured - max(order.payment.refunded, order.owed_back)
    charged = max(0, amounts.items + amounts.small_order_fee + amounts.tax - amounts.discount)
    goods = Money(charged, amounts.currency).share(retained.items)
    delivery = Money(amounts.delivery_fee, amounts.currency).share(retained.delivery)
    return max(0, min((goods + delivery).amount, amounts.total - amounts.tip, paid))
