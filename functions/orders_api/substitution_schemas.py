"""Requests and responses about something else instead of what a shop lacks. Amounts in minor units."""

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
    """What can be had instead of the line `line` of the order, counted from 0, and why.

    Counted goods that are out of stock or spoilt do not go back onto the shelf; with another `reason` they
    do.
    """

    line: Annotated[int, Field(ge=0, lt=MAX_LINES)]
    reason: Annotated[SubstitutionReason, Field(strict=False)] = SubstitutionReason.OUT_OF_STOCK

    def command(self, uid: str, order_id: str, substitution_id: str) -> ProposeSubstitution:
        """Return the use case's command."""
        return ProposeSubstitution(uid, order_id, substitution_id, self.line, self.wanted(), self.reason)


class SubstitutionView(ResponseModel):
    """`instead` is offered for `line`, at no more than that costs; `expires_at` ends it unanswered."""

    id: str
    line: LineView
    instead: LineView
    reason: SubstitutionReason
    state: SubstitutionState
    proposed_at: datetime
    expires_at: datetime


class SubstitutionList(ResponseModel):
    """What was offered for one order, the first offer first, and what has come to be owed back so far."""

    substitutions: list[SubstitutionView]
    owed_back: int
    currency: str

    @classmethod
    def of(cls, order: Order) -> Self:
        """Return the view of an order's offers."""
        return cls(
            substitutions=[SubstitutionView.model_validate(one) for one in order.substitutions],
            owed_back=order.owed_back,
            currency=order.amounts.currency,
        )
