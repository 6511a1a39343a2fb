"""Requests and responses of tips after delivery. Amounts are integers in minor units of `currency`."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field

from shared.edge.schemas import RequestModel, ResponseModel
from shared.kernel.order import Fulfilment, PaymentState
from shared.orders.pricing import MAX_TIP
from shared.orders.tips.domain import MIN_TIP, Tip


class TipRequest(RequestModel):
    """The amount of a tip, in minor units of the order's currency."""

    amount: Annotated[int, Field(ge=MIN_TIP, le=MAX_TIP)]


class TipView(ResponseModel):
    """A tip for the driver of an order.

    `state` is the state of its payment; an `expired` tip was not paid in time.
    """

    id: str
    order_id: str
    driver_id: str
    amount: int
    currency: str
    state: PaymentState
    expired: bool
    created_at: datetime

    @classmethod
    def of(cls, tip: Tip) -> TipView:
        """Return the view of a tip."""
        return cls(
            id=tip.id,
            order_id=tip.order_id,
            driver_id=tip.driver_id,
            amount=tip.amounts.total,
            currency=tip.amounts.currency,
            state=tip.payment.state,
            expired=tip.fulfilment is Fulfilment.FAILED and not tip.payment.captured,
            created_at=tip.created_at,
        )


class TipList(ResponseModel):
    """The tips for one order, the oldest first."""

    tips: list[TipView]
