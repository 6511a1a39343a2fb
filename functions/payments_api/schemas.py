"""Requests and responses of `payments_api`. Amounts are integers in minor units of `currency`."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self

from pydantic import ConfigDict, Field, StringConstraints, model_validator

from shared.edge.schemas import Id, RequestModel, ResponseModel
from shared.kernel.actor import Principal
from shared.payments.domain import Method, Payment, State
from shared.payments.subjects import is_tip
from shared.payments.usecases.start_payment import StartPayment

TipId = Annotated[str, StringConstraints(pattern=r"^tip_[0-9a-f]{32}$")]


class PaymentRequest(RequestModel):
    """The order or the tip to pay; the server knows the amount."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"order_id": "ord_3nWq8VbKx5TzRc2LmYp9Hd", "method": "upi_intent"}]}
    )

    order_id: Id | None = None
    tip_id: TipId | None = None
    method: Annotated[Method, Field(strict=False)]

    @model_validator(mode="after")
    def _one_thing(self) -> Self:
        if (self.order_id is None) is (self.tip_id is None):
            raise ValueError("exactly one of order_id and tip_id is needed")
        if self.order_id is not None and is_tip(self.order_id):
            raise ValueError("use tip_id for a tip")
        return self

    def command(self, user: Principal) -> StartPayment:
        """Return the use case's command."""
        subject_id = self.order_id or self.tip_id or ""
        return StartPayment(subject_id, user.uid, self.method, user.phone, user.email)


class PaymentView(ResponseModel):
    """An attempt to pay an order or a tip; `link` opens the customer's UPI app until `expires_at`."""

    id: str
    order_id: str | None
    tip_id: str | None
    method: Method
    state: State
    amount: int
    currency: str
    refunded: int
    link: str
    expires_at: datetime

    @classmethod
    def of(cls, payment: Payment) -> PaymentView:
        """Return the view of a payment."""
        return cls(
            id=payment.id,
            order_id=None if is_tip(payment.order_id) else payment.order_id,
            tip_id=payment.order_id if is_tip(payment.order_id) else None,
            method=payment.method,
            state=payment.state,
            amount=payment.amount.amount,
            currency=payment.amount.currency,
            refunded=payment.refunded,
            link=payment.link,
            expires_at=payment.expires_at,
        )
