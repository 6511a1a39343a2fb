"""Objects for tests, whole and valid, of which a test says only what matters to it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from shared.adapters.firestore.codec import to_document
from shared.catalogue.membership import Membership, StaffRole
from shared.kernel.order import AssignmentState, Business, Fulfilment, PaymentState
from shared.orders.domain import Assignment, Order, Payment, Place
from shared.orders.pricing import Amounts, Line
from shared.orders.quotes import Quote
from tests.fakes.database import MemoryDatabase

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
CUSTOMER, STAFF, DRIVER, STRANGER = "customer-1", "staff-1", "driver-1", "stranger-1"
ORDER_ID = "ord_" + "0" * 31 + "1"


def line(**changes: Any) -> Line:
    """Return two masala dosas."""
    return replace(Line("itm_dosa", "Masala dosa", 2, 12_000, 24_000), **changes)


def quote(**changes: Any) -> Quote:
    """Return a quote of `CUSTOMER` at one shop in Indiranagar."""
    base = Quote(
        id="quo_1",
        customer_id=CUSTOMER,
        merchant_id="mer_1",
        merchant_name="Dosa Corner",
        menu_version=1,
        items=(line(),),
        amounts=Amounts(24_000, 2_500, 1_200, 27_700, "INR"),
        pickup=Place(12.9784, 77.6408, "100 Feet Road"),
        dropoff=Place(12.9719, 77.6412, "12th Main"),
        distance_m=724,
        prep_minutes=15,
        eta_minutes=18,
        expires_at=NOW + timedelta(minutes=15),
    )
    return replace(base, **changes)


def order(
    fulfilment: Fulfilment = Fulfilment.PLACED,
    payment: PaymentState = PaymentState.CAPTURED,
    driver: str | None = None,
    **changes: Any,
) -> Order:
    """Return an order from `quote()` in the given states."""
    base = Order(
        id=ORDER_ID,
        business=Business.FOOD,
        customer_id=CUSTOMER,
        merchant_id="mer_1",
        merchant_name="Dosa Corner",
        items=(line(),),
        amounts=quote().amounts,
        pickup=quote().pickup,
        dropoff=quote().dropoff,
        distance_m=724,
        prep_minutes=15,
        eta_minutes=18,
        quote_id="quo_1",
        menu_version=1,
        note="",
        placed_at=NOW,
        updated_at=NOW,
        fulfilment=fulfilment,
        assignment=Assignment(AssignmentState.ASSIGNED if driver else AssignmentState.NONE, driver_id=driver),
        payment=Payment(payment, "pay_1", 27_700 if payment is PaymentState.CAPTURED else 0),
    )
    return replace(base, **changes)


def membership(uid: str = STAFF, merchant_id: str = "mer_1", role: StaffRole = StaffRole.STAFF) -> Membership:
    """Return the membership of a person in the staff of a merchant."""
    return Membership(merchant_id, uid, role, NOW, "owner-1")


def hire(database: MemoryDatabase, *uids: str, merchant_id: str = "mer_1") -> None:
    """Add people to the staff of a merchant."""
    for uid in uids:
        database.seed(f"merchants/{merchant_id}/staff/{uid}", to_document(membership(uid, merchant_id)))


def dismiss(database: MemoryDatabase, uid: str, merchant_id: str = "mer_1") -> None:
    """Remove a person from the staff of a merchant."""
    del database.docs[f"merchants/{merchant_id}/staff/{uid}"]
