"""Orders, payments and refunds as Razorpay's JSON."""

from collections.abc import Iterable
from typing import Any

from emulators.providers.upi.models import Order, Payment, PaymentStatus, Refund, RefundStatus

_CAPTURED = {PaymentStatus.CAPTURED, PaymentStatus.REFUNDED}


def order_entity(order: Order) -> dict[str, Any]:
    """Return an order as in GET /v1/orders/{id}."""
    return {
        "id": order.id,
        "entity": "order",
        "amount": order.amount,
        "amount_paid": order.amount_paid,
        "amount_due": order.amount - order.amount_paid,
        "currency": order.currency,
        "receipt": order.receipt,
        "offer_id": None,
        "status": order.status,
        "attempts": order.attempts,
        "notes": order.notes,
        "created_at": order.created_at,
    }


def payment_entity(payment: Payment) -> dict[str, Any]:
    """Return a payment as in GET /v1/payments/{id} and the webhooks."""
    return {
        "id": payment.id,
        "entity": "payment",
        "amount": payment.amount,
        "currency": payment.currency,
        "status": payment.status,
        "order_id": payment.order_id,
        "invoice_id": None,
        "international": False,
        "method": "upi",
        "amount_refunded": payment.amount_refunded,
        "refund_status": _refund_status(payment),
        "captured": payment.status in _CAPTURED,
        "description": payment.description,
        "card_id": None,
        "bank": None,
        "wallet": None,
        "vpa": payment.vpa,
        "email": payment.email,
        "contact": payment.contact,
        "notes": payment.notes,
        "fee": 0,
        "tax": 0,
        "acquirer_data": {"rrn": payment.rrn},
        "upi": {"flow": "intent", "vpa": payment.vpa},
        "created_at": payment.created_at,
    } | _error_fields(payment)


def refund_entity(refund: Refund) -> dict[str, Any]:
    """Return a refund as in GET /v1/refunds/{id} and the webhooks."""
    return {
        "id": refund.id,
        "entity": "refund",
        "amount": refund.amount,
        "currency": refund.currency,
        "payment_id": refund.payment_id,
        "notes": refund.notes,
        "receipt": refund.receipt,
        "acquirer_data": {"arn": None},
        "created_at": refund.created_at,
        "batch_id": None,
        "status": refund.status,
        "speed_processed": "normal" if refund.status is RefundStatus.PROCESSED else None,
        "speed_requested": refund.speed,
    }


def collection(items: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Return a list in Razorpay's collection format."""
    listed = list(items)
    return {"entity": "collection", "count": len(listed), "items": listed}


def _refund_status(payment: Payment) -> str | None:
    if payment.amount_refunded == 0:
        return None
    return "full" if payment.amount_refunded == payment.amount else "partial"


def _error_fields(payment: Payment) -> dict[str, Any]:
    failure = payment.failure
    return {
        "error_code": "BAD_REQUEST_ERROR" if failure else None,
        "error_description": failure.description if failure else None,
        "error_source": failure.source if failure else None,
        "error_step": "payment_authorization" if failure else None,
        "error_reason": failure.reason if failure else None,
    }
