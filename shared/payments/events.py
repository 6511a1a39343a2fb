"""What the payments context tells: each is about one order and stands in its timeline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from shared.kernel.event import OrderEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentStarted(OrderEvent):
    """The customer was given a link to pay by."""

    TYPE: ClassVar[str] = "waybill.payments.payment_started.v1"
    PUBLISHED: ClassVar[bool] = False

    payment_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentCaptured(OrderEvent):
    """The order is paid; `order_cancelled` when it was cancelled before the money came."""

    TYPE: ClassVar[str] = "waybill.payments.payment_captured.v1"

    payment_id: str
    customer_id: str
    merchant_staff: tuple[str, ...]
    amount: int
    currency: str
    order_cancelled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SurplusCaptured(OrderEvent):
    """Money came by a second attempt for an order that was paid already; it goes back."""

    TYPE: ClassVar[str] = "waybill.payments.surplus_captured.v1"

    payment_id: str
    amount: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentFailed(OrderEvent):
    """An attempt ended without money; the order can be paid by another."""

    TYPE: ClassVar[str] = "waybill.payments.payment_failed.v1"
    PUBLISHED: ClassVar[bool] = False

    payment_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentRefunded(OrderEvent):
    """Money is back with the customer."""

    TYPE: ClassVar[str] = "waybill.payments.payment_refunded.v1"

    payment_id: str
    refund_id: str
    amount: int
    currency: str
    customer_id: str
