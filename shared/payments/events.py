"""The events of the payments context; each is about an order or a tip and is added to its timeline."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from shared.kernel.event import OrderEvent
from shared.kernel.india import INDIA
from shared.kernel.subject import SubjectRef


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentEvent(OrderEvent):
    """An event about a payment for an order or a tip; `order_id` is the order or the tip's order."""

    subject_ref: SubjectRef
    payment_id: str

    @property
    def timeline(self) -> SubjectRef:
        """The order or the tip."""
        return self.subject_ref


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentStarted(PaymentEvent):
    """The customer received a payment link."""

    TYPE: ClassVar[str] = "waybill.payments.payment_started.v1"
    PUBLISHED: ClassVar[bool] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentCaptured(PaymentEvent):
    """The order is paid; `order_cancelled` if it had ended undelivered before.

    `scheduled_for` is set where the order is for later, and is not handed to the merchant yet.
    """

    TYPE: ClassVar[str] = "waybill.payments.payment_captured.v1"

    customer_id: str
    merchant_id: str
    amount: int
    currency: str
    order_cancelled: bool
    scheduled_for: datetime | None = None
    timezone: str = INDIA


@dataclass(frozen=True, slots=True, kw_only=True)
class DuplicatePaymentCaptured(PaymentEvent):
    """A second attempt was captured for a paid order or tip; all of it is to be refunded."""

    TYPE: ClassVar[str] = "waybill.payments.duplicate_payment_captured.v1"

    amount: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnmatchedPaymentCaptured(PaymentEvent):
    """A charge was captured that matches no expected charge; all of it is to be refunded.

    `payment_id` is the unmatched payment, `original_payment_id` the payment whose link was charged.
    """

    TYPE: ClassVar[str] = "waybill.payments.unmatched_payment_captured.v1"

    original_payment_id: str
    gateway_payment_id: str
    amount: int
    currency: str
    agreed_amount: int
    agreed_currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentFailed(PaymentEvent):
    """An attempt ended without money; another attempt can pay."""

    TYPE: ClassVar[str] = "waybill.payments.payment_failed.v1"
    PUBLISHED: ClassVar[bool] = False

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentRefunded(PaymentEvent):
    """The bank returned money to the customer."""

    TYPE: ClassVar[str] = "waybill.payments.payment_refunded.v1"

    refund_id: str
    amount: int
    currency: str
    customer_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TipPaid(PaymentEvent):
    """A tip for the driver is paid; `amount` is in minor units."""

    TYPE: ClassVar[str] = "waybill.payments.tip_paid.v1"

    customer_id: str
    driver_id: str
    amount: int
    currency: str
