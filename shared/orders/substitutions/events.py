"""The events of substitutions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from shared.kernel.event import OrderEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderSubstitutionProposed(OrderEvent):
    """The merchant proposed a replacement for a line; without an answer the line is declined."""

    TYPE: ClassVar[str] = "waybill.orders.order_substitution_proposed.v1"

    substitution_id: str
    customer_id: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderSubstitutionAnswered(OrderEvent):
    """A substitution ended; `refund_due` (minor units) is refunded because of it."""

    substitution_id: str
    customer_id: str
    merchant_id: str
    payment_id: str | None
    refund_due: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderSubstitutionAccepted(OrderSubstitutionAnswered):
    """The customer accepted the replacement."""

    TYPE: ClassVar[str] = "waybill.orders.order_substitution_accepted.v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderSubstitutionDeclined(OrderSubstitutionAnswered):
    """The customer declined the replacement or did not answer: the line is left out."""

    TYPE: ClassVar[str] = "waybill.orders.order_substitution_declined.v1"
