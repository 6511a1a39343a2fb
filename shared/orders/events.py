"""What orders tell the other contexts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from shared.kernel.event import OrderEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPlaced(OrderEvent):
    """A customer placed an order; it is not paid yet. `total` is in minor units of `currency`."""

    TYPE: ClassVar[str] = "waybill.orders.order_placed.v1"

    business: str
    customer_id: str
    merchant_id: str
    merchant_staff: tuple[str, ...]
    total: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderConfirmed(OrderEvent):
    """The merchant took a paid order."""

    TYPE: ClassVar[str] = "waybill.orders.order_confirmed.v1"

    customer_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPreparing(OrderEvent):
    """The kitchen has begun; nobody but the order's own parties cares."""

    TYPE: ClassVar[str] = "waybill.orders.order_preparing.v1"
    PUBLISHED: ClassVar[bool] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderReady(OrderEvent):
    """The goods can be fetched: dispatch begins."""

    TYPE: ClassVar[str] = "waybill.orders.order_ready.v1"

    customer_id: str
    merchant_staff: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPickedUp(OrderEvent):
    """The driver has the goods; the order can no longer be cancelled."""

    TYPE: ClassVar[str] = "waybill.orders.order_picked_up.v1"

    customer_id: str
    driver_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderInTransit(OrderEvent):
    """The driver is on the way to the customer."""

    TYPE: ClassVar[str] = "waybill.orders.order_in_transit.v1"
    PUBLISHED: ClassVar[bool] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderArrived(OrderEvent):
    """The driver stands at the door."""

    TYPE: ClassVar[str] = "waybill.orders.order_arrived.v1"
    PUBLISHED: ClassVar[bool] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderDelivered(OrderEvent):
    """The customer has the goods."""

    TYPE: ClassVar[str] = "waybill.orders.order_delivered.v1"

    customer_id: str
    merchant_staff: tuple[str, ...]
    driver_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderCancelled(OrderEvent):
    """The order ended before pickup; what was paid goes back, who was searched for is let go."""

    TYPE: ClassVar[str] = "waybill.orders.order_cancelled.v1"

    customer_id: str
    merchant_staff: tuple[str, ...]
    driver_id: str | None
    payment_id: str | None
    reason: str
