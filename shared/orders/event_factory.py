"""The fields that events about an order share, read from the order after the change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict

from shared.orders.domain import Order


@dataclass(frozen=True, slots=True)
class EventMeta:
    """The event's id, who caused it, and when."""

    event_id: str
    actor: str
    at: datetime


class OrderFields(TypedDict):
    """The fields of every `OrderEvent`."""

    id: str
    at: datetime
    actor: str
    order_id: str


class CustomerFields(OrderFields):
    """The fields of every `CustomerEvent`."""

    customer_id: str


class MerchantFields(CustomerFields):
    """The fields of every `MerchantEvent`."""

    merchant_id: str


def order_fields(order: Order, meta: EventMeta) -> OrderFields:
    """Return the fields of an event that only the order's timeline shows."""
    return {"id": meta.event_id, "at": meta.at, "actor": meta.actor, "order_id": order.id}


def customer_fields(order: Order, meta: EventMeta) -> CustomerFields:
    """Return the fields of an event that concerns the customer."""
    return {**order_fields(order, meta), "customer_id": order.customer_id}


def merchant_fields(order: Order, meta: EventMeta) -> MerchantFields:
    """Return the fields of an event that concerns the customer and the merchant."""
    return {**customer_fields(order, meta), "merchant_id": order.merchant_id}
