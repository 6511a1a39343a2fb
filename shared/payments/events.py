"""What the payments context tells: each is about one order, or a tip for it, and stands in its timeline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from shared.kernel.event import OrderEvent

GATEWAY = "gateway"
"""The actor of what the payment provider tells."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyEvent(OrderEvent):
    """Something happened to the money for an order or, where `tip_id` is not empty, for a tip after it."""

    tip_id: str = ""
    payment_id: str

    @property
    def subject(self) -> str:
        """What the money is for."""
        return self.tip_id or self.order_id


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentStarted(MoneyEvent):
    """The customer was given a link to pay by."""

    TYPE: ClassVar[str] = "waybill.payments.payment_started.v1"
    PUBLISHED: ClassVar[bool] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentCaptured(MoneyEvent):
    """The order is paid; `order_cancelled` when it had ended undelivered before the money came."""

    TYPE: ClassVar[str] = "waybill.payments.payment_captured.v1"

    customer_id: str
    merchant_staff: tuple[str, ...]
    amount: int
    currency: str
    order_cancelled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SurplusCaptured(MoneyEvent):
    """Money came by a second attempt for an order that was paid already; it goes back."""

    TYPE: ClassVar[str] = "waybill.payments.surplus_captured.v1"

    amount: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StrayCaptured(MoneyEvent):
    """Money came that was not agreed on: another amount or currency, or a charge beside the link's own.

    It stands as the payment `payment_id` beside `stray_of` and goes back; support should know.
    """

    TYPE: ClassVar[str] = "waybill.payments.stray_captured.v1"

    stray_of: str
    gateway_payment_id: str
    amount: int
    currency: str
    agreed_amount: int
    agreed_currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentFailed(MoneyEvent):
    """An attempt ended without money; the order can be paid by another."""

    TYPE: ClassVar[str] = "waybill.payments.payment_failed.v1"
    PUBLISHED: ClassVar[bool] = False

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentRefunded(MoneyEvent):
    """Money is back with the customer."""

    TYPE: ClassVar[str] = "waybill.payments.payment_refunded.v1"

    refund_id: str
    amount: int
    currency: str
    customer_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TipPaid(MoneyEvent):
    """A tip for the driver who delivered the order is paid; `amount` is in minor units."""

    TYPE: ClassVar[str] = "waybill.payments.tip_paid.v1"

    customer_id: str
    driver_id: str
    amount: int
    currency: str
