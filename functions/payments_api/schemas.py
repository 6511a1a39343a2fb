"""Requests and responses of `payments_api`. Amounts are integers in minor units of `currency`."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from shared.edge.schemas import RequestModel, ResponseModel
from shared.edge.text import WRITTEN
from shared.kernel.actor import Principal
from shared.kernel.subject import ChargeKind, SubjectRef
from shared.payments.domain import Method, Payment, State
from shared.payments.usecases.start_payment import StartPayment

OrderId = Annotated[str, StringConstraints(pattern=r"^ord_[0-9a-f]{32}$"), WRITTEN]
TipId = Annotated[str, StringConstraints(pattern=r"^tip_[0-9a-f]{32}$"), WRITTEN]


class PaymentRequest(RequestModel):
    """The order or the tip to pay; the server knows the amount."""

    order_id: OrderId | None = None
    tip_id: TipId | None = None
    method: Annotated[Method, Field(strict=False)]

    @model_validator(mode="after")
    def _one_subject(self) -> Self:
        if (self.order_id is None) is (self.tip_id is None):
            raise ValueError("exactly one of order_id and tip_id is needed")
        return self

    def command(self, user: Principal) -> StartPayment:
        """Return the use case's command."""
        return StartPayment(self._subject_ref(), user.uid, self.method, user.phone, user.email)

    def _subject_ref(self) -> SubjectRef:
        if self.tip_id is not None:
            return SubjectRef(ChargeKind.TIP, self.tip_id)
        return SubjectRef(ChargeKind.ORDER, self.order_id or "")


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
        subject = payment.subject_ref
        return cls(
            id=payment.id,
            order_id=subject.id if subject.kind is ChargeKind.ORDER else None,
            tip_id=subject.id if subject.kind is ChargeKind.TIP else None,
            method=payment.method,
            state=payment.state,
            amount=payment.amount.amount,
            currency=payment.amount.currency,
            refunded=payment.refunded,
            link=payment.link,
            expires_at=payment.expires_at,
        )
