"""The event by which each step is told, built from the order as it then is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from shared.kernel.event import Event
from shared.orders import events
from shared.orders.domain import Order

Builder = Callable[[Order, str, str, datetime], Event]
"""Makes the event from the order, the event's id, who acts, and when."""


def activated(order: Order, id: str, by: str, now: datetime) -> Event:  # noqa: A002 - the event's id
    """A scheduled order's time has come."""
    return events.OrderActivated(
        id=id,
        at=now,
        actor=by,
        order_id=order.id,
        customer_id=order.customer_id,
        merchant_staff=order.merchant_staff,
    )


def confirmed(order: Order, id: str, by: str, now: datetime) -> Event:  # noqa: A002
    """Somebody took the order on."""
    return events.OrderConfirmed(id=id, at=now, actor=by, order_id=order.id, customer_id=order.customer_id)


def preparing(order: Order, id: str, by: str, now: datetime) -> Event:  # noqa: A002
    """The work has begun."""
    return events.OrderPreparing(id=id, at=now, actor=by, order_id=order.id)


def ready(order: Order, id: str, by: str, now: datetime) -> Event:  # noqa: A002
    """The goods can be fetched."""
    return events.OrderReady(
        id=id,
        at=now,
        actor=by,
        order_id=order.id,
        customer_id=order.customer_id,
        merchant_staff=order.merchant_staff,
    )


def picked_up(order: Order, id: str, by: str, now: datetime) -> Event:  # noqa: A002
    """The carrier has the goods."""
    return events.OrderPickedUp(
        id=id, at=now, actor=by, order_id=order.id, customer_id=order.customer_id, driver_id=by
    )


def in_transit(order: Order, id: str, by: str, now: datetime) -> Event:  # noqa: A002
    """The carrier is on the way."""
    return events.OrderInTransit(id=id, at=now, actor=by, order_id=order.id)


def arrived(order: Order, id: str, by: str, now: datetime) -> Event:  # noqa: A002
    """The carrier is at the door."""
    return events.OrderArrived(id=id, at=now, actor=by, order_id=order.id)


def delivered(order: Order, id: str, by: str, now: datetime) -> Event:  # noqa: A002
    """The customer has the goods."""
    return events.OrderDelivered(
        id=id,
        at=now,
        actor=by,
        order_id=order.id,
        customer_id=order.customer_id,
        merchant_staff=order.merchant_staff,
        driver_id=by,
    )


def delivery_failed(order: Order, id: str, by: str, now: datetime) -> Event:  # noqa: A002
    """The goods could not be handed over."""
    return events.OrderDeliveryFailed(
        id=id,
        at=now,
        actor=by,
        order_id=order.id,
        customer_id=order.customer_id,
        merchant_staff=order.merchant_staff,
        driver_id=by,
        reason=order.failure or "",
        attempt=order.delivery_attempt,
    )


def redelivery_started(order: Order, id: str, by: str, now: datetime) -> Event:  # noqa: A002
    """The goods are on their way to the door again."""
    return events.OrderRedeliveryStarted(
        id=id,
        at=now,
        actor=by,
        order_id=order.id,
        customer_id=order.customer_id,
        driver_id=by,
        attempt=order.delivery_attempt,
    )


def returning(order: Order, id: str, by: str, now: datetime) -> Event:  # noqa: A002
    """The goods are on their way back."""
    return events.OrderReturning(
        id=id,
        at=now,
        actor=by,
        order_id=order.id,
        merchant_staff=order.merchant_staff,
        driver_id=order.assignment.driver_id,
    )


def returned(order: Order, id: str, by: str, now: datetime) -> Event:  # noqa: A002
    """The goods are back; whoever confirms that, the carrier is the assigned one."""
    return events.OrderReturned(
        id=id,
        at=now,
        actor=by,
        order_id=order.id,
        customer_id=order.customer_id,
        merchant_staff=order.merchant_staff,
        driver_id=order.assignment.driver_id,
        payment_id=order.payment.payment_id,
        cancellation_fee=order.cancellation_fee,
        currency=order.amounts.currency,
    )
