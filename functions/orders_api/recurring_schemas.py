"""Requests and responses about recurring orders. Amounts are integers in minor units."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from functions.orders_api.schemas import PlaceView, RequestedItem, Tip
from shared.edge.schemas import Address, Id, Moment, RequestModel, ResponseModel, Text
from shared.orders.domain import Place
from shared.orders.pricing import MAX_LINES
from shared.orders.recurrences.domain import Recurrence
from shared.orders.recurrences.usecases.start_recurrence import StartRecurrence

Rule = Annotated[
    Text, StringConstraints(min_length=1, max_length=100), Field(examples=["FREQ=WEEKLY;BYDAY=MO,TH"])
]
Zone = Annotated[Text, StringConstraints(min_length=1, max_length=60), Field(examples=["Asia/Kolkata"])]


class RecurrenceRequest(RequestModel):
    """What to order again and again: from `starts_at` on, by an RFC 5545 `rule` on the clock of a zone."""

    merchant_id: Id
    items: Annotated[list[RequestedItem], Field(min_length=1, max_length=MAX_LINES)]
    dropoff: Address
    tip: Tip = 0
    rule: Rule
    timezone: Zone = "Asia/Kolkata"
    starts_at: Moment

    def command(self, uid: str) -> StartRecurrence:
        """Return the use case's command."""
        return StartRecurrence(
            customer_id=uid,
            merchant_id=self.merchant_id,
            items=[item.wanted() for item in self.items],
            dropoff=Place(self.dropoff.lat, self.dropoff.lng, self.dropoff.address),
            tip=self.tip,
            rule=self.rule,
            timezone=self.timezone,
            starts_at=self.starts_at,
        )


class SkipRequest(RequestModel):
    """Which turn to leave out, as `next_at` names it; without it whichever is the next."""

    turn: Moment | None = None


class WishView(ResponseModel):
    """One line of what is ordered."""

    item_id: str
    quantity: int
    choices: list[str]


class RecurrenceView(ResponseModel):
    """A recurring order; `next_at` is null once it has ended, `skipped` the code of a turn's refusal."""

    id: str
    merchant_id: str
    items: list[WishView]
    dropoff: PlaceView
    tip: int
    rule: str
    timezone: str
    starts_at: datetime
    next_at: datetime | None
    placed: int
    skipped: str
    skipped_at: datetime | None

    @classmethod
    def of(cls, recurrence: Recurrence) -> RecurrenceView:
        """Return the view of a recurring order."""
        return cls.model_validate(recurrence)


class RecurrencePage(ResponseModel):
    """Some recurring orders, newest first; an empty `next_page_token` ends the list."""

    recurrences: list[RecurrenceView]
    next_page_token: str
