"""Payments and refunds for the contract suites of their store."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from shared.kernel.money import Money
from shared.kernel.subject import ChargeKind, SubjectRef
from shared.payments.domain import Method, Payment, Refund, RefundState, State, payment_id, refund_id
from tests.builders import CUSTOMER, NOW, ORDER_ID

ORDER_REF = SubjectRef(ChargeKind.ORDER, ORDER_ID)
PAID = payment_id(ORDER_REF, 1)
BACK = refund_id(PAID, 1)
PRICE = Money(27_700)


def payment(**changes: Any) -> Payment:
    base = Payment(
        id=PAID,
        subject_ref=ORDER_REF,
        customer_id=CUSTOMER,
        attempt=1,
        amount=PRICE,
        method=Method.UPI_INTENT,
        state=State.PENDING,
        gateway_order_id="order_1",
        gateway_payment_id="pay_1",
        link="upi://pay?tr=pay_1",
        created_at=NOW,
        expires_at=NOW + timedelta(minutes=15),
    )
    return replace(base, **changes)


def refund(**changes: Any) -> Refund:
    base = Refund(
        id=BACK,
        payment_id=PAID,
        subject_ref=ORDER_REF,
        customer_id=CUSTOMER,
        attempt=1,
        amount=PRICE,
        reason="order_cancelled",
        state=RefundState.PENDING,
        gateway_payment_id="pay_1",
        created_at=NOW,
    )
    return replace(base, **changes)
