"""Orders that are not paid: what a customer can hold with them, at one merchant and in all.

An unpaid order holds stock and a place in the kitchen until its payment times out. So a customer can have few
of them at once, and cannot hold the same goods again and again without paying.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.kernel.actor import SYSTEM, Role
from shared.kernel.errors import WrongState
from shared.kernel.order import PAID, Fulfilment
from shared.orders.domain import Order

WAITS_FOR_PAYMENT = frozenset({Fulfilment.SCHEDULED, Fulfilment.PLACED})
REMEMBERED = 20
"""How many orders that ended unpaid are remembered of a customer: those that held the longest."""

CANCELLED = "order_cancelled"


class TooManyUnpaidOrders(WrongState):
    """The customer has as many unpaid orders as are allowed."""

    code = "TOO_MANY_UNPAID_ORDERS"
    detail = "You have too many orders that are not paid. Pay or cancel one of them first."


@dataclass(frozen=True, slots=True)
class UnpaidRules:
    """How many unpaid orders a customer can have at once, `per_merchant` and in all (`per_customer`).

    Within the `window` up to now, those that ended unpaid may have held goods for `held_at_merchant` in all
    at one merchant, and for `held` in all. Orders of recurrences do not count there: an unpaid
    recurrence ends.
    """

    per_merchant: int = 2
    per_customer: int = 5
    window: timedelta = timedelta(hours=2)
    held_at_merchant: timedelta = timedelta(minutes=45)
    held: timedelta = timedelta(hours=2)


def waits_for_payment(order: Order) -> bool:
    """Return whether an order holds something and is not paid."""
    return order.fulfilment in WAITS_FOR_PAYMENT and order.payment.state not in PAID


def ended_unpaid(order: Order) -> bool:
    """Return whether an order was cancelled by its customer or by a timeout, without a payment."""
    if order.fulfilment is not Fulfilment.CANCELLED or order.payment.captured:
        return False
    by = next((entry.actor for entry in reversed(order.timeline) if entry.type == CANCELLED), "")
    return by in (SYSTEM.uid, Role.CUSTOMER, order.customer_id)  # older timelines name the customer


def check_unpaid(orders: Sequence[Order], merchant_id: str, rules: UnpaidRules, now: datetime) -> None:
    """Raise `TooManyUnpaidOrders` where a customer with these orders may place none at a merchant now."""
    waiting = [order for order in orders if waits_for_payment(order)]
    at_merchant = [order for order in waiting if order.merchant_id == merchant_id]
    if len(at_merchant) >= rules.per_merchant:  # mutant: unpaid-cap
        raise TooManyUnpaidOrders(
            f"You have {len(at_merchant)} orders at this merchant that are not paid. Pay or cancel one first."
        )
    if len(waiting) >= rules.per_customer:  # mutant: unpaid-cap-in-all
        raise TooManyUnpaidOrders(
            f"You have {len(waiting)} orders that are not paid. Pay or cancel one of them first."
        )
    unpaid_ends = [order for order in orders if _counts_as_unpaid_end(order, now - rules.window)]
    here = sum((_held_for(one) for one in unpaid_ends if one.merchant_id == merchant_id), timedelta())
    # mutant: unpaid-again
    if here >= rules.held_at_merchant or sum(map(_held_for, unpaid_ends), timedelta()) >= rules.held:
        raise TooManyUnpaidOrders("Several of your latest orders were not paid. Try again later.")


def remembered(orders: Sequence[Order], placed: Order) -> tuple[str, ...]:
    """Return the ids of the orders that the next check of a customer reads, the one just placed included."""
    waiting = [order for order in orders if waits_for_payment(order)]
    unpaid_ends = sorted(filter(ended_unpaid, orders), key=_held_for)[-REMEMBERED:]
    return tuple(order.id for order in (*unpaid_ends, *waiting, placed))  # mutant: unpaid-forgotten


def _counts_as_unpaid_end(order: Order, since: datetime) -> bool:
    return ended_unpaid(order) and order.recurrence_id is None and order.updated_at > since


def _held_for(order: Order) -> timedelta:
    """Return for how long an order that has ended held what it reserved."""
    return order.updated_at - order.placed_at
