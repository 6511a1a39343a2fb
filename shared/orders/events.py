"""The events of orders."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from shared.kernel.actor import Role
from shared.kernel.event import CustomerEvent, MerchantEvent, OrderEvent
from shared.kernel.india import INDIA


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPlaced(OrderEvent):
    """A customer placed an order; it is not paid yet. `total` is in minor units of `currency`.

    It is cancelled unless it is paid until `pay_by`. The system placed the order of a recurrence.
    """

    TYPE: ClassVar[str] = "waybill.orders.order_placed.v1"

    business: str
    customer_id: str
    merchant_id: str
    total: int
    currency: str
    scheduled_for: datetime | None = None
    timezone: str = INDIA
    pay_by: datetime | None = None
    recurrence_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderConfirmed(CustomerEvent):
    """The merchant, or the traveller, confirmed a paid order."""

    TYPE: ClassVar[str] = "waybill.orders.order_confirmed.v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderConfirmedAhead(CustomerEvent):
    """The merchant confirmed a scheduled order before the time at which it begins to prepare it."""

    TYPE: ClassVar[str] = "waybill.orders.order_confirmed_ahead.v1"

    scheduled_for: datetime | None
    timezone: str = INDIA


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPreparing(OrderEvent):
    """The merchant started to prepare the order; only its timeline shows it."""

    TYPE: ClassVar[str] = "waybill.orders.order_preparing.v1"
    PUBLISHED: ClassVar[bool] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderReady(MerchantEvent):
    """The order can be picked up: dispatch searches for a driver."""

    TYPE: ClassVar[str] = "waybill.orders.order_ready.v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPickedUp(CustomerEvent):
    """The driver has picked up the order; it can no longer be cancelled."""

    TYPE: ClassVar[str] = "waybill.orders.order_picked_up.v1"

    driver_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderInTransit(OrderEvent):
    """The driver is on the way to the customer."""

    TYPE: ClassVar[str] = "waybill.orders.order_in_transit.v1"
    PUBLISHED: ClassVar[bool] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderArrived(OrderEvent):
    """The driver arrived at the customer's address."""

    TYPE: ClassVar[str] = "waybill.orders.order_arrived.v1"
    PUBLISHED: ClassVar[bool] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderDelivered(MerchantEvent):
    """The driver handed the order over to the customer."""

    TYPE: ClassVar[str] = "waybill.orders.order_delivered.v1"

    driver_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderCancelled(MerchantEvent):
    """The order was cancelled before pickup: payments refund it, dispatch ends its search.

    The `cancellation_fee` (minor units of `currency`) is retained; `role` is the canceller's. `paid` says
    whether it was paid, so that its merchant knows of it. `scheduled_for` is set where the order had not
    been handed to the merchant yet.
    """

    TYPE: ClassVar[str] = "waybill.orders.order_cancelled.v1"

    driver_id: str | None
    payment_id: str | None
    reason: str
    cancellation_fee: int = 0
    currency: str = ""
    role: str = ""
    paid: bool = True
    scheduled_for: datetime | None = None
    timezone: str = INDIA

    @property
    def actor_role(self) -> str:
        """The canceller's role."""
        return self.role


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderActivated(MerchantEvent):
    """A scheduled order was handed to the merchant: from now on it waits to be confirmed or, if that was done
    ahead, to be prepared."""

    TYPE: ClassVar[str] = "waybill.orders.order_activated.v1"

    scheduled_for: datetime | None = None
    timezone: str = INDIA
    confirmed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderDeliveryFailed(MerchantEvent):
    """The delivery failed for the `reason` (a code); `attempt` counts from 1."""

    TYPE: ClassVar[str] = "waybill.orders.order_delivery_failed.v1"

    driver_id: str
    reason: str
    attempt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRedeliveryStarted(CustomerEvent):
    """The driver started another delivery attempt; `attempt` counts from 1."""

    TYPE: ClassVar[str] = "waybill.orders.order_redelivery_started.v1"

    driver_id: str
    attempt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderReturning(OrderEvent):
    """The driver started to return the goods, or operators let them be returned: `role` names these."""

    TYPE: ClassVar[str] = "waybill.orders.order_returning.v1"

    merchant_id: str
    driver_id: str | None
    role: str = ""

    @property
    def actor_role(self) -> str:
        """Return the role in which the actor acted; empty where it is the driver or the system."""
        return self.role


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderReassigned(MerchantEvent):
    """Operators replaced the driver; another one comes to the merchant.

    `goods` says what the merchant does until then: nothing (ready), make_again or pack_again.
    """

    TYPE: ClassVar[str] = "waybill.orders.order_reassigned.v1"

    driver_id: str
    goods: str = "ready"

    @property
    def actor_role(self) -> str:
        """Return the role of an operator."""
        return Role.SUPPORT.value


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderSlaMissed(MerchantEvent):
    """An order has been in `state` for longer than its SLA allows; `responsible_role` is expected to act."""

    driver_id: str | None
    state: str
    responsible_role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderReminderRaised(OrderSlaMissed):
    """The reminder threshold was passed: the responsible party gets a reminder."""

    TYPE: ClassVar[str] = "waybill.orders.order_reminder_raised.v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderDelayed(OrderSlaMissed):
    """The delay threshold was passed: operators have to intervene."""

    TYPE: ClassVar[str] = "waybill.orders.order_delayed.v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderReturned(MerchantEvent):
    """The goods arrived back and the order ended; payments refund all but the fee (minor units)."""

    TYPE: ClassVar[str] = "waybill.orders.order_returned.v1"

    driver_id: str | None
    payment_id: str | None
    cancellation_fee: int
    currency: str
