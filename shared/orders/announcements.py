"""What the events about an order have in common, read from the order as it then is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict

from shared.orders.domain import Order


@dataclass(frozen=True, slots=True)
class Act:
    """Somebody does something to an order; `event_id` is the id of the event that says so."""

    event_id: str
    by: str
    at: datetime


class About(TypedDict):
    """The fields of every `OrderEvent`."""

    id: str
    at: datetime
    actor: str
    order_id: str


class ForCustomer(About):
    """The fields of every `CustomerEvent`."""

    customer_id: str


class ForParties(ForCustomer):
    """The fields of every `PartiesEvent`."""

    merchant_staff: tuple[str, ...]


def about(order: Order, act: Act) -> About:
    """Return what an event tells of which only the order's own timeline has to know."""
    return {"id": act.event_id, "at": act.at, "actor": act.by, "order_id": order.id}


def for_customer(order: Order, act: Act) -> ForCustomer:
    """Return what an event tells of which the customer hears."""
    return {**about(order, act), "customer_id": order.customer_id}


def for_parties(order: Order, act: Act) -> ForParties:
    """Return what an event tells of which the customer and the merchant's staff hear."""
    return {**for_customer(order, act), "merchant_staff": order.merchant_staff}
