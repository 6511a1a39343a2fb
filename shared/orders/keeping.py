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
class Keep:
    """Shares in basis points: of the goods as they were charged, and of the delivery fee."""

    items: int = 0
    delivery: int = 0


WHOLE = 10_000
NOTHING = Keep()
DELIVERY = Keep(delivery=WHOLE)
ITEMS = Keep(items=WHOLE)
EVERYTHING = Keep(items=WHOLE, delivery=WHOLE)

BEFORE_PICKUP: Mapping[Business, Mapping[Fulfilment, Keep]] = {
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
        _F.READY: Keep(items=2_000, delivery=WHOLE),
    },
    Business.P2P: {_F.SCHEDULED: NOTHING, _F.PLACED: NOTHING, _F.CONFIRMED: Keep(delivery=5_000)},
}
"""When the customer cancels: by the state, in the order in which they come."""

AFTER_RETURN: Mapping[Business, Mapping[Fault, Keep]] = {
    Business.FOOD: {Fault.CUSTOMER: EVERYTHING},
    Business.LOCAL: {Fault.CUSTOMER: DELIVERY},
    Business.MED: {Fault.CUSTOMER: Keep(items=2_000, delivery=WHOLE)},
    Business.P2P: {Fault.CUSTOMER: DELIVERY},
}
"""When the delivery failed and the goods came back: by whose fault; nothing where it is not listed."""


def kept_on_cancelling(order: Order) -> int:
    """Return the fee (minor units) of a customer who cancels now.

    The highest of the states so far, so that waiting makes it no cheaper; nothing once the search for a
    driver has been given up.
    """
    if order.assignment.state is AssignmentState.UNASSIGNABLE:
        return 0
    fee = 0
    for state, keep in BEFORE_PICKUP[order.business].items():
        fee = max(fee, _amount(order, keep))
        if state is order.fulfilment:
            break
    return fee


def kept_on_return(order: Order) -> int:
    """Return the fee (minor units) of an order whose goods came back."""
    fault = CAUSES[order.failure].fault if order.failure else Fault.NOBODY
    return _amount(order, AFTER_RETURN[order.business].get(fault, NOTHING))


def _amount(order: Order, keep: Keep) -> int:
    """Return the shares of this order, never more than there is of its money; a tip always goes back."""
    amounts = order.amounts
    paid = order.payment.captured - max(order.payment.refunded, order.owed_back)
    charged = max(0, amounts.items + amounts.small_order_fee + amounts.tax - amounts.discount)
    goods = Money(charged, amounts.currency).share(keep.items)
    delivery = Money(amounts.delivery_fee, amounts.currency).share(keep.delivery)
    return max(0, min((goods + delivery).amount, amounts.total - amounts.tip, paid))
