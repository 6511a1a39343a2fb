"""One event of every kind that somebody is told of, all about one order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from shared.dispatch.events import DriverAssigned, OfferMade, OrderUnassignable
from shared.kernel.event import OrderEvent
from shared.orders.events import OrderCancelled, OrderConfirmed, OrderDelivered, OrderPickedUp, OrderPlaced
from shared.payments.events import PaymentCaptured, PaymentRefunded

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
CUSTOMER, COOK, WAITER, DRIVER = "asha", "cook", "waiter", "dev"
STAFF = (COOK, WAITER)


def _base(name: str) -> dict[str, Any]:
    return {"id": f"evt_{name}", "at": NOW, "actor": "someone", "order_id": "ord_1"}


def placed() -> OrderPlaced:
    return OrderPlaced(
        **_base("placed"),
        business="food",
        customer_id=CUSTOMER,
        merchant_id="mer_1",
        merchant_staff=STAFF,
        total=27_700,
        currency="INR",
    )


def captured(order_cancelled: bool = False) -> PaymentCaptured:
    return PaymentCaptured(
        **_base("captured"),
        payment_id="pay_1",
        customer_id=CUSTOMER,
        merchant_staff=STAFF,
        amount=27_700,
        currency="INR",
        order_cancelled=order_cancelled,
    )


def confirmed() -> OrderConfirmed:
    return OrderConfirmed(**_base("confirmed"), customer_id=CUSTOMER)


def offer_made() -> OfferMade:
    return OfferMade(
        **_base("offer_made"),
        offer_id="off_1_1",
        driver_id=DRIVER,
        expires_at=NOW + timedelta(seconds=30),
        merchant_name="Dosa {Corner}",
    )


def assigned() -> DriverAssigned:
    return DriverAssigned(**_base("assigned"), driver_id=DRIVER, customer_id=CUSTOMER, merchant_staff=STAFF)


def picked_up() -> OrderPickedUp:
    return OrderPickedUp(**_base("picked_up"), customer_id=CUSTOMER, driver_id=DRIVER)


def delivered() -> OrderDelivered:
    return OrderDelivered(**_base("delivered"), customer_id=CUSTOMER, merchant_staff=STAFF, driver_id=DRIVER)


def cancelled(driver: str | None = DRIVER) -> OrderCancelled:
    return OrderCancelled(
        **_base("cancelled"),
        customer_id=CUSTOMER,
        merchant_staff=STAFF,
        driver_id=driver,
        payment_id="pay_1",
        reason="my phone number is +919800000001",
    )


def refunded() -> PaymentRefunded:
    return PaymentRefunded(
        **_base("refunded"),
        payment_id="pay_1",
        refund_id="ref_1",
        amount=27_700,
        currency="INR",
        customer_id=CUSTOMER,
    )


def unassignable() -> OrderUnassignable:
    return OrderUnassignable(**_base("unassignable"), customer_id=CUSTOMER, merchant_staff=STAFF)


def every() -> list[OrderEvent]:
    """Return one of each."""
    return [
        placed(),
        captured(),
        confirmed(),
        offer_made(),
        assigned(),
        picked_up(),
        delivered(),
        cancelled(),
        refunded(),
        unassignable(),
    ]
