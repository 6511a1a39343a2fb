"""How much of a customer's money is retained when an order ends undelivered.

It depends on who is at fault and on how far the order had come. The rest is refunded.
"""

from __future__ import annotations

from shared.kernel.money import Money
from shared.kernel.order import AssignmentState
from shared.orders.businesses.policy import NOTHING, Fault, Retained
from shared.orders.domain import Order
from shared.orders.failures import CAUSES


def retained_on_cancellation(order: Order) -> int:
    """Return the fee (minor units) of a customer who cancels now.

    The highest of the states so far, so that waiting makes it no cheaper; zero once the search for a
    driver was given up.
    """
    if order.assignment.state is AssignmentState.UNASSIGNABLE:
        return 0
    fee = 0
    for state, terms in order.policy.cancellation.items():
        fee = max(fee, _amount(order, terms.retained))
        if state is order.fulfilment:
            break
    return fee


def retained_on_return(order: Order) -> int:
    """Return the fee (minor units) of an order whose goods came back."""
    fault = CAUSES[order.failure].fault if order.failure else Fault.NONE
    return _amount(order, order.policy.retained_on_return.get(fault, NOTHING))


def _amount(order: Order, retained: Retained) -> int:
    """Return the shares of this order, at most the money that is left; a tip is always refunded."""
    amounts = order.amounts
    paid = order.payment.captured - max(order.payment.refunded, order.refund_due)
    charged = max(0, amounts.items + amounts.small_order_fee + amounts.tax - amounts.discount)
    goods = Money(charged, amounts.currency).share(retained.items)
    delivery = Money(amounts.delivery_fee, amounts.currency).share(retained.delivery)
    return max(0, min((goods + delivery).amount, amounts.total - amounts.tip, paid))
