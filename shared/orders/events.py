"""What orders tell the other contexts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from shared.kernel.event import CustomerEvent, MerchantEvent, OrderEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPlaced(OrderEvent):
    """A customer placed an order; it is not paid yet. `total` is in minor units of `currency`."""

    TYPE: ClassVar[str] = "waybill.orders.order_placed.v1"

    business: str
    customer_id: str
    merchant_id: str
    total: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderConfirmed(CustomerEvent):
    """The merchant took a paid order."""

    TYPE: ClassVar[str] = "waybill.orders.order_confirmed.v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPreparing(OrderEvent):
    """The kitchen has begun; nobody but the order's own parties cares."""

    TYPE: ClassVar[str] = "waybill.orders.order_preparing.v1"
    PUBLISHED: ClassVar[bool] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderReady(MerchantEvent):
    """The goods can be fetched: dispatch begins."""

    TYPE: ClassVar[str] = "waybill.orders.order_ready.v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPickedUp(CustomerEvent):
    """The driver has the goods; the order can no longer be cancelled."""

    TYPE: ClassVar[str] = "waybill.orders.order_picked_up.v1"

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
class OrderDelivered(MerchantEvent):
    """The customer has the goods."""

    TYPE: ClassVar[str] = "waybill.orders.order_delivered.v1"

    driver_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderCancelled(MerchantEvent):
    """The order ended before pickup; what was paid goes back, who was searched for is let go.

    What is kept is the `cancellation_fee` (minor units of `currency`); `role` is that of who cancelled.
    """

    TYPE: ClassVar[str] = "waybill.orders.order_cancelled.v1"

    driver_id: str | None
    payment_id: str | None
    reason: str
    cancellation_fee: int = 0
    currency: str = ""
    role: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderActivated(MerchantEvent):
    """A scheduled order's time has come: from now on it is like one that was placed just now."""

    TYPE: ClassVar[str] = "waybill.orders.order_activated.v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderDeliveryFailed(MerchantEvent):
    """The goods could not be handed over, for the `reason` (a code), at the n-th `attempt`."""

    TYPE: ClassVar[str] = "waybill.orders.order_delivery_failed.v1"

    driver_id: str
    reason: str
    attempt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRedeliveryStarted(CustomerEvent):
    """The driver brings the goods to the door again; `attempt` counts from 1."""

    TYPE: ClassVar[str] = "waybill.orders.order_redelivery_started.v1"

    driver_id: str
    attempt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderReturning(OrderEvent):
    """The driver brings the goods back to where they came from."""

    TYPE: ClassVar[str] = "waybill.orders.order_returning.v1"

    merchant_id: str
    driver_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderSlaMissed(MerchantEvent):
    """An order has been in `state` for too long; `responsible_role` is the role of whoever has it in hand."""

    driver_id: str | None
    state: str
    responsible_role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderReminderRaised(OrderSlaMissed):
    """Somebody has the order in hand and does not go on with it: they are reminded."""

    TYPE: ClassVar[str] = "waybill.orders.order_reminder_raised.v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderDelayed(OrderSlaMissed):
    """The order still does not go on: operators have to look after it."""

    TYPE: ClassVar[str] = "waybill.orders.order_delayed.v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderReturned(MerchantEvent):
    """The goods are back and the order is over; all money but the fee (minor units) goes back too."""

    TYPE: ClassVar[str] = "waybill.orders.order_returned.v1"

    driver_id: str | None
    payment_id: str | None
    cancellation_fee: int
    currency: str
