"""The orders, payments and refunds of the gateway. Amounts are integer paise."""

import secrets
import string
from dataclasses import dataclass
from enum import StrEnum

_ID_ALPHABET = string.ascii_letters + string.digits
_ID_LENGTH = 14


def new_id(prefix: str) -> str:
    """Return a new id of Razorpay's form: `pay_` and fourteen letters and digits."""
    return f"{prefix}_{''.join(secrets.choice(_ID_ALPHABET) for _ in range(_ID_LENGTH))}"


def new_rrn() -> str:
    """Return a bank's retrieval reference number: twelve digits."""
    return f"{secrets.randbelow(10**12):012d}"


class OrderStatus(StrEnum):
    """An order is attempted once it has a payment, and paid once one was captured."""

    CREATED = "created"
    ATTEMPTED = "attempted"
    PAID = "paid"


class PaymentStatus(StrEnum):
    """`authorized` is only ever seen in a webhook: capture follows at once. `refunded` means in full."""

    CREATED = "created"
    AUTHORIZED = "authorized"
    CAPTURED = "captured"
    REFUNDED = "refunded"
    FAILED = "failed"


class RefundStatus(StrEnum):
    """A pending refund reserves its amount; a failed one releases it."""

    PENDING = "pending"
    PROCESSED = "processed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Order:
    """The amount that a merchant requests."""

    id: str
    amount: int
    currency: str
    receipt: str | None
    notes: dict[str, str]
    created_at: int
    status: OrderStatus = OrderStatus.CREATED
    amount_paid: int = 0
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a payment failed, as in Razorpay's API."""

    description: str
    reason: str
    source: str = "customer"


@dataclass(frozen=True, slots=True)
class Payment:
    """One attempt to pay an order by a UPI intent, payable before `expires_at` (Unix seconds)."""

    id: str
    order_id: str
    amount: int
    currency: str
    contact: str
    email: str
    notes: dict[str, str]
    description: str
    link: str
    created_at: int
    expires_at: float
    status: PaymentStatus = PaymentStatus.CREATED
    amount_refunded: int = 0
    rrn: str | None = None
    vpa: str | None = None
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class Refund:
    """A refund to the customer."""

    id: str
    payment_id: str
    amount: int
    currency: str
    receipt: str | None
    notes: dict[str, str]
    speed: str
    status: RefundStatus
    created_at: int


@dataclass(frozen=True, slots=True)
class GatewayEvent:
    """An event for the merchant's webhook, with the payment and refund at that time."""

    name: str
    payment: Payment
    refund: Refund | None = None
