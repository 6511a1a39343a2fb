"""Bodies of dispatch's tasks, and what is answered (nobody but the logs reads it)."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from shared.dispatch.domain import OfferState
from shared.dispatch.usecases.make_offer import Outcome
from shared.edge.schemas import Id, RequestModel, ResponseModel


class OfferDeadline(RequestModel):
    """The time of this offer is over."""

    offer_id: Id


class SearchDeadline(RequestModel):
    """This search attempt of the order is due."""

    order_id: Id
    search_attempt: Annotated[int, Field(ge=0)]


class OfferEnded(ResponseModel):
    """How the offer stands now."""

    state: OfferState


class Searched(ResponseModel):
    """What the search came to."""

    outcome: Outcome
