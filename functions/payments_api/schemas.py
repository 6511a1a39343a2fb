"""Requests and responses of `payments_api`. Amounts are integers in minor units of `currency`."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field

from shared.accounts.domain import Principal
from shared.edge.schemas import Id, RequestModel, ResponseModel
from shared.payments.domain import Method, Payment, State
from shared.payments.usecases.start_payment import StartPayment


class PaymentRequest(RequestModel):
    """Pay this order; how much is the order's own matter."""

    order_id: Id
    method: Annotated[Method, Field(strict=False)]

    def command(self, user: Principal) -> StartPayment:
        """Return the use case's command."""
        return StartPayment(self.order_id, user.uid, self.method, user.phone, user.email)


class PaymentView(ResponseModel):
    """An attempt to pay an order; `link` opens the customer's UPI app until `expires_at`."""

    id: str
    order_id: str
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
            order_id=payment.order_id,
            method=payment.method,
            state=payment.state,
            amount=payment.amount.amount,
            currency=payment.amount.currency,
            refunded=payment.refunded,
            link=payment.link,
            expires_at=payment.expires_at,
        )
