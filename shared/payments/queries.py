"""What people may read about payments."""

from __future__ import annotations

from shared.payments.domain import Payment, PaymentNotFound
from shared.payments.ports import PaymentStore


async def read_payment(payment_id: str, customer_id: str, *, store: PaymentStore) -> Payment:
    """Return a payment of the customer.

    Raises `PaymentNotFound`, also for a payment of another customer.
    """
    payment = await store.find(payment_id)
    if payment is None or payment.customer_id != customer_id:
        raise PaymentNotFound
    return payment
