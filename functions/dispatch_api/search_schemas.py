"""Requests and responses of the routes by which operators direct the search for a driver."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from shared.dispatch.domain import AssignmentContext, OrderNotFound
from shared.edge.schemas import Id, RequestModel, ResponseModel
from shared.edge.text import Reason
from shared.kernel.order import AssignmentState


class SearchReason(RequestModel):
    """Why the search begins again; the audit log keeps it."""

    reason: Reason = Field(examples=["Two drivers have just come online."])


class ChosenDriver(RequestModel):
    """The driver who is asked next, and why; the audit log keeps the reason."""

    driver_id: Id
    reason: Reason = Field(examples=["The driver is on the way to the same street."])


class SearchView(ResponseModel):
    """The search for the driver of an order; the open offer, if there is one, ends at `expires_at`."""

    order_id: str
    assignment: AssignmentState
    offer_id: str | None
    driver_id: str | None
    expires_at: datetime | None

    @classmethod
    def of(cls, context: AssignmentContext) -> SearchView:
        """Return the view of the order and the offer after a decision."""
        order, offer = context.order, context.offer
        if order is None:
            raise OrderNotFound
        return cls(
            order_id=order.id,
            assignment=order.assignment.state,
            offer_id=offer.id if offer else None,
            driver_id=offer.driver_id if offer else None,
            expires_at=offer.expires_at if offer else None,
        )
