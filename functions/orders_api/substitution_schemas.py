"""Requests and responses of substitutions. Amounts are integers in minor units."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self

from pydantic import Field

from functions.orders_api.schemas import LineView, RequestedItem
from shared.edge.schemas import ResponseModel
from shared.orders.domain import Order
from shared.orders.pricing import MAX_LINES
from shared.orders.substitution_state import SubstitutionReason, SubstitutionState
from shared.orders.substitutions.usecases.propose_substitution import ProposeSubstitution


class SubstitutionRequest(RequestedItem):
    """The replacement for the line `line` of the order, counted from 0, and the reason.

    Counted goods that are out of stock or spoilt do not return to the stock; with another `reason` they do.
    """

    line: Annotated[int, Field(ge=0, lt=MAX_LINES)]
    reason: Annotated[SubstitutionReason, Field(strict=False)] = SubstitutionReason.OUT_OF_STOCK

    def command(self, uid: str, order_id: str, substitution_id: str) -> ProposeSubstitution:
        """Return the use case's command."""
        return ProposeSubstitution(uid, order_id, substitution_id, self.line, self.item(), self.reason)


class SubstitutionView(ResponseModel):
    """A proposal to send `replacement` for `line`, at a price of at most that of `line`."""

    id: str
    line: LineView
    replacement: LineView
    reason: SubstitutionReason
    state: SubstitutionState
    proposed_at: datetime
    expires_at: datetime


class SubstitutionList(ResponseModel):
    """The substitutions of one order, the oldest first, and the refund due because of them."""

    substitutions: list[SubstitutionView]
    refund_due: int
    currency: str

    @classmethod
    def of(cls, order: Order) -> Self:
        """Return the view of an order's substitutions."""
        return cls(
            substitutions=[SubstitutionView.model_validate(one) for one in order.substitutions],
            refund_due=order.refund_due,
            currency=order.amounts.currency,
        )
