"""Every legal step of every business, written out, for the tests of the tables."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from shared.kernel.actor import Role
from shared.kernel.order import Business, Fulfilment, PaymentState
from shared.orders.businesses import POLICIES
from shared.orders.businesses.policy import Step
from shared.orders.domain import FailureReason, Order, Payment
from tests.builders import CUSTOMER, DRIVER, STAFF, STRANGER, order

Edge = tuple[Fulfilment, Step, Role]

_CARRIED = """
    picked_up   depart         {carrier}  in_transit
    in_transit  arrive         {carrier}  arrived
    in_transit  deliver        {carrier}  delivered
    arrived     deliver        {carrier}  delivered
    picked_up   fail_delivery  {carrier}  failed
    in_transit  fail_delivery  {carrier}  failed
    arrived     fail_delivery  {carrier}  failed
    failed      redeliver      {carrier}  in_transit
    failed      return         {carrier}  returning
    failed      return         system     returning
    returning   take_back      {owner}    returned
    returning   take_back      system     returned
    picked_up   recall         support    returning
    in_transit  recall         support    returning
    arrived     recall         support    returning
    failed      recall         support    returning
    picked_up   recall         admin      returning
    in_transit  recall         admin      returning
    arrived     recall         admin      returning
    failed      recall         admin      returning
    picked_up   recall         system     returning
    in_transit  recall         system     returning
    arrived     recall         system     returning
    failed      recall         system     returning
"""
_REASSIGNED = """
    ready       reassign       support    ready
    picked_up   reassign       support    ready
    in_transit  reassign       support    ready
    arrived     reassign       support    ready
    failed      reassign       support    ready
    returning   reassign       support    ready
    ready       reassign       admin      ready
    picked_up   reassign       admin      ready
    in_transit  reassign       admin      ready
    arrived     reassign       admin      ready
    failed      reassign       admin      ready
    returning   reassign       admin      ready
"""
_TEXTS = {
    Business.FOOD: """
        scheduled   confirm_ahead       merchant  scheduled
        scheduled   activate            system    placed
        scheduled   activate_confirmed  system    confirmed
        placed      confirm   merchant  confirmed
        confirmed   prepare   merchant  preparing
        preparing   ready     merchant  ready
        ready       pick_up   driver    picked_up
    """
    + _CARRIED.format(carrier="driver", owner="merchant")
    + _REASSIGNED,
    Business.LOCAL: """
        scheduled   confirm_ahead       merchant  scheduled
        scheduled   activate            system    placed
        scheduled   activate_confirmed  system    confirmed
        placed      confirm   merchant  confirmed
        confirmed   prepare   merchant  preparing
        preparing   ready     merchant  ready
        ready       pick_up   driver    picked_up
    """
    + _CARRIED.format(carrier="driver", owner="merchant")
    + _REASSIGNED,
    Business.MED: """
        scheduled   confirm_ahead       merchant  scheduled
        scheduled   activate            system    placed
        scheduled   activate_confirmed  system    confirmed
        placed      confirm   merchant  confirmed
        confirmed   prepare   merchant  preparing
        preparing   ready     merchant  ready
        ready       pick_up   driver    picked_up
    """
    + _CARRIED.format(carrier="driver", owner="merchant")
    + _REASSIGNED,
    Business.P2P: """
        scheduled   activate  system     placed
        placed      confirm   traveller  confirmed
        confirmed   pick_up   traveller  picked_up
    """
    + _CARRIED.format(carrier="traveller", owner="customer"),
}


def _edges(text: str) -> dict[Edge, Fulfilment]:
    rows = [line.split() for line in text.splitlines() if line.strip()]
    return {(Fulfilment(state), Step(step), Role(role)): Fulfilment(end) for state, step, role, end in rows}


LEGAL = {business: _edges(text) for business, text in _TEXTS.items()}
"""Where each legal step leads."""


def order_of(business: Business, state: Fulfilment = Fulfilment.PLACED, **changes: Any) -> Order:
    """Return a paid order with a carrier, to which no guard of any step objects."""
    money = PaymentState.HELD if business is Business.P2P else PaymentState.CAPTURED
    facts: dict[str, Any] = {
        "business": business,
        "payment": Payment(money, "pay_1", 27_700),
        "failure": FailureReason.CUSTOMER_ABSENT if state is Fulfilment.FAILED else None,
    }
    return replace(order(state, driver=DRIVER), **(facts | changes))


def ready_for(order: Order, step: Step) -> Order:
    """Return the order as a step needs it: only one that was confirmed ahead is activated as confirmed."""
    return replace(order, confirmed_ahead_at=order.placed_at if step is Step.ACTIVATE_CONFIRMED else None)


def uid_of(business: Business, role: Role) -> str:
    """Return the person who has a role on an order of `order_of`, or a stranger's id."""
    carrier = POLICIES[business].carrier
    return {Role.CUSTOMER: CUSTOMER, Role.MERCHANT: STAFF, carrier: DRIVER}.get(role, STRANGER)
