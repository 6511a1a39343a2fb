"""Bodies and responses of the tasks of dispatch; the logs alone read the responses."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from shared.dispatch.machine import OfferState
from shared.dispatch.usecases.make_offer import Outcome
from shared.edge.schemas import Id, RequestModel, ResponseModel


class OfferDeadline(RequestModel):
    """The offer that has expired."""

    offer_id: Id


class SearchDeadline(RequestModel):
    """This search attempt of the order is due."""

    order_id: Id
    search_attempt: Annotated[int, Field(ge=0)]


class OfferEnded(ResponseModel):
    """The state of the offer now."""

    state: OfferState


class Searched(ResponseModel):
    """The outcome of the search."""

    outcome: Outcome
