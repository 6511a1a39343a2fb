"""One event of every kind that notifies a user, all about one order."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from shared.dispatch.events import DriverAssigned, DriverSetOffline, OfferMade, OrderUnassignable
from shared.identity.events import SecondFactorAdded, SecondFactorRemoved, SecondFactorReset
from shared.kernel.event import OrderEvent
from shared.kernel.subject import ChargeKind, SubjectRef
from shared.orders.events import (
    OrderActivated,
    OrderCancelled,
    OrderConfirmed,
    OrderConfirmedAhead,
    OrderDelivered,
    OrderDeliveryFailed,
    OrderPickedUp,
    OrderPlaced,
    OrderReassigned,
    OrderRedeliveryStarted,
    OrderReminderRaised,
    OrderReturned,
    OrderReturning,
)
from shared.orders.recurrences.events import OccurrenceSkipped, RecurrenceStopped
from shared.orders.substitutions.events import (
    OrderSubstitutionAccepted,
    OrderSubstitutionDeclined,
    OrderSubstitutionProposed,
)
from shared.payments.events import PaymentCaptured, PaymentRefunded, TipPaid
from shared.verification.events import DocumentEvent

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
CUSTOMER, COOK, WAITER, DRIVER = "asha", "cook", "waiter", "dev"
STAFF, MERCHANT = (COOK, WAITER), "mer_1"


def _base(name: str) -> dict[str, Any]:
    return {"id": f"evt_{name}", "at": NOW, "actor": "someone", "order_id": "ord_1"}


def document(happened: type[DocumentEvent]) -> DocumentEvent:
    """Return an event of a document of the driver, without an order."""
    return happened(
        id=f"evt_{happened.name()}",
        at=NOW,
        actor="someone",
        document_id="doc_1",
        subject_id=DRIVER,
        subject_kind="person",
        owner_id=DRIVER,
        kind="driving_licence",
    )


def factor_added() -> SecondFactorAdded:
    """Return the event of a second factor that came into force."""
    return SecondFactorAdded(id="evt_factor_added", at=NOW, actor=CUSTOMER, user_id=CUSTOMER)


def factor_removed() -> SecondFactorRemoved:
    """Return the event of a second factor that its owner removed."""
    return SecondFactorRemoved(id="evt_factor_removed", at=NOW, actor=CUSTOMER, user_id=CUSTOMER)


def factor_reset() -> SecondFactorReset:
    """Return an event without an order."""
    return SecondFactorReset(id="evt_factor_reset", at=NOW, actor="root", user_id=CUSTOMER)


def placed() -> OrderPlaced:
    return OrderPlaced(
        **_base("placed"),
        business="food",
        customer_id=CUSTOMER,
        merchant_id=MERCHANT,
        total=27_700,
        currency="INR",
    )


def occurrence_placed() -> OrderPlaced:
    """Return the placing of an order by the system."""
    return replace(placed(), scheduled_for=LATER, pay_by=NOW + timedelta(hours=6), recurrence_id="rec_1")


def occurrence_skipped() -> OccurrenceSkipped:
    """Return an event without an order."""
    return OccurrenceSkipped(
        **_of_recurrence("skipped"), occurrence=LATER, timezone="Asia/Kolkata", reason="OUT_OF_STOCK"
    )


def recurrence_stopped() -> RecurrenceStopped:
    """Return an event without an order."""
    return RecurrenceStopped(**_of_recurrence("stopped"), reason="RECURRENCE_UNPAID")


def _of_recurrence(name: str) -> dict[str, Any]:
    fields = {"id": f"evt_{name}", "at": NOW, "actor": "system"}
    return {**fields, "recurrence_id": "rec_1", "customer_id": CUSTOMER}


def captured(order_cancelled: bool = False, later: bool = False) -> PaymentCaptured:
    return PaymentCaptured(
        **_base("captured"),
        subject_ref=SubjectRef(ChargeKind.ORDER, "ord_1"),
        payment_id="pay_1",
        customer_id=CUSTOMER,
        merchant_id=MERCHANT,
        amount=27_700,
        currency="INR",
        order_cancelled=order_cancelled,
        scheduled_for=LATER if later else None,
    )


def confirmed() -> OrderConfirmed:
    return OrderConfirmed(**_base("confirmed"), customer_id=CUSTOMER)


def confirmed_ahead() -> OrderConfirmedAhead:
    return OrderConfirmedAhead(**_base("confirmed_ahead"), customer_id=CUSTOMER, scheduled_for=LATER)


def activated(confirmed: bool = False) -> OrderActivated:
    return OrderActivated(
        **_base("activated"),
        customer_id=CUSTOMER,
        merchant_id=MERCHANT,
        scheduled_for=LATER,
        confirmed=confirmed,
    )


def offer_made() -> OfferMade:
    return OfferMade(
        **_base("offer_made"),
        offer_id="off_1_1",
        driver_id=DRIVER,
        expires_at=NOW + timedelta(seconds=30),
        merchant_name="Dosa {Corner}",
    )


def assigned() -> DriverAssigned:
    return DriverAssigned(**_base("assigned"), driver_id=DRIVER, customer_id=CUSTOMER, merchant_id=MERCHANT)


def picked_up() -> OrderPickedUp:
    return OrderPickedUp(**_base("picked_up"), customer_id=CUSTOMER, driver_id=DRIVER)


def delivered() -> OrderDelivered:
    return OrderDelivered(**_base("delivered"), customer_id=CUSTOMER, merchant_id=MERCHANT, driver_id=DRIVER)


def cancelled(driver: str | None = DRIVER) -> OrderCancelled:
    return OrderCancelled(
        **_base("cancelled"),
        customer_id=CUSTOMER,
        merchant_id=MERCHANT,
        driver_id=driver,
        payment_id="pay_1",
        reason="my phone number is +919800000001",
    )


def delivery_failed() -> OrderDeliveryFailed:
    return OrderDeliveryFailed(
        **_base("delivery_failed"),
        customer_id=CUSTOMER,
        merchant_id=MERCHANT,
        driver_id=DRIVER,
        reason="customer_absent",
        attempt=1,
    )


def redelivery_started() -> OrderRedeliveryStarted:
    return OrderRedeliveryStarted(
        **_base("redelivery_started"), customer_id=CUSTOMER, driver_id=DRIVER, attempt=2
    )


def returning() -> OrderReturning:
    return OrderReturning(**_base("returning"), merchant_id=MERCHANT, driver_id=DRIVER)


def returned() -> OrderReturned:
    return OrderReturned(
        **_base("returned"),
        customer_id=CUSTOMER,
        merchant_id=MERCHANT,
        driver_id=DRIVER,
        payment_id="pay_1",
        cancellation_fee=27_700,
        currency="INR",
    )


def refunded() -> PaymentRefunded:
    return PaymentRefunded(
        **_base("refunded"),
        subject_ref=SubjectRef(ChargeKind.ORDER, "ord_1"),
        payment_id="pay_1",
        refund_id="ref_1",
        amount=27_700,
        currency="INR",
        customer_id=CUSTOMER,
    )


def proposed() -> OrderSubstitutionProposed:
    return OrderSubstitutionProposed(
        **_base("proposed"), substitution_id="sub_1", customer_id=CUSTOMER, expires_at=NOW
    )


def _answer(name: str, actor: str) -> dict[str, Any]:
    return {
        **_base(name),
        "actor": actor,
        "substitution_id": "sub_1",
        "customer_id": CUSTOMER,
        "merchant_id": MERCHANT,
        "payment_id": "pay_1",
        "refund_due": 3_000,
        "currency": "INR",
    }


def accepted() -> OrderSubstitutionAccepted:
    return OrderSubstitutionAccepted(**_answer("accepted", CUSTOMER))


def declined(actor: str = "system") -> OrderSubstitutionDeclined:
    return OrderSubstitutionDeclined(**_answer("declined", actor))


def stalled(responsible_role: str = "merchant") -> OrderReminderRaised:
    return OrderReminderRaised(
        **_base("stalled"),
        customer_id=CUSTOMER,
        merchant_id=MERCHANT,
        driver_id=DRIVER,
        state="preparing" if responsible_role == "merchant" else "in_transit",
        responsible_role=responsible_role,
    )


def tipped() -> TipPaid:
    return TipPaid(
        **_base("tipped"),
        subject_ref=SubjectRef(ChargeKind.TIP, "tip_1"),
        payment_id="pay_1",
        customer_id=CUSTOMER,
        driver_id=DRIVER,
        amount=5_000,
        currency="INR",
    )


def reassigned(goods: str = "ready") -> OrderReassigned:
    return OrderReassigned(
        **_base("reassigned"), customer_id=CUSTOMER, merchant_id=MERCHANT, driver_id=DRIVER, goods=goods
    )


def unassignable() -> OrderUnassignable:
    return OrderUnassignable(**_base("unassignable"), customer_id=CUSTOMER, merchant_id=MERCHANT)


def set_offline() -> DriverSetOffline:
    """Return an event without an order."""
    return DriverSetOffline(
        id="evt_set_offline", at=NOW, actor="system", driver_id=DRIVER, consecutive_timeouts=3
    )


def every() -> list[OrderEvent]:
    """Return one of each."""
    return [
        placed(),
        captured(),
        confirmed(),
        confirmed_ahead(),
        activated(),
        offer_made(),
        assigned(),
        picked_up(),
        delivered(),
        delivery_failed(),
        redelivery_started(),
        returning(),
        returned(),
        cancelled(),
        refunded(),
        tipped(),
        proposed(),
        accepted(),
        declined(),
        stalled(),
        unassignable(),
    ]
