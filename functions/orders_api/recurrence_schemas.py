"""Requests and responses of recurrences. Amounts are integers in minor units."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self

from pydantic import Field, StringConstraints

from functions.orders_api.schemas import Dropoff, PlaceView, RequestedItem, Tip
from shared.edge.schemas import Id, Moment, RequestModel, ResponseModel
from shared.edge.text import Reference
from shared.orders.pricing import MAX_LINES
from shared.orders.recurrences.calendar import MissingDays
from shared.orders.recurrences.domain import Recurrence, upcoming
from shared.orders.recurrences.usecases.start_recurrence import StartRecurrence

Rule = Annotated[
    Reference, StringConstraints(min_length=1, max_length=100), Field(examples=["FREQ=WEEKLY;BYDAY=MO,TH"])
]
Zone = Annotated[Reference, StringConstraints(min_length=1, max_length=60), Field(examples=["Asia/Kolkata"])]


class RecurrenceRequest(RequestModel):
    """What to order, from `starts_at` on, by an RFC 5545 `rule` in the local time of a zone.

    `missing_days` says what a monthly rule on the 29th to 31st does in a month without that day: `skip` it,
    or order on its `last_day`. `BYMONTHDAY=-1` is always the last day.
    """

    merchant_id: Id
    items: Annotated[list[RequestedItem], Field(min_length=1, max_length=MAX_LINES)]
    dropoff: Dropoff
    tip: Tip = 0
    rule: Rule
    timezone: Zone = "Asia/Kolkata"
    starts_at: Moment
    missing_days: Annotated[MissingDays, Field(strict=False)] = MissingDays.SKIP

    def command(self, uid: str) -> StartRecurrence:
        """Return the use case's command."""
        return StartRecurrence(
            customer_id=uid,
            merchant_id=self.merchant_id,
            items=[item.item() for item in self.items],
            dropoff=self.dropoff.place(),
            tip=self.tip,
            rule=self.rule,
            timezone=self.timezone,
            starts_at=self.starts_at,
            missing_days=self.missing_days,
        )


class SkipRequest(RequestModel):
    """The occurrence to skip, as `next_at` names it; without it the next one, whichever it is."""

    occurrence: Moment | None = None


class RecurrenceItemView(ResponseModel):
    """One line of a recurring order."""

    item_id: str
    quantity: int
    modifiers: list[str]


class RecurrenceSummary(ResponseModel):
    """A recurring order. `next_at` is null after its end.

    `skipped` is the error code of the latest occurrence that could not be placed, `skipped_at` its time.
    `ended` is the error code for which the system ended it, such as `RECURRENCE_UNPAID`; else it is empty.
    """

    id: str
    merchant_id: str
    items: list[RecurrenceItemView]
    dropoff: PlaceView
    tip: int
    rule: str
    timezone: str
    starts_at: datetime
    next_at: datetime | None
    placed: int
    skipped: str
    skipped_at: datetime | None
    ended: str
    missing_days: MissingDays

    @classmethod
    def of(cls, recurrence: Recurrence) -> Self:
        """Return the view of a recurring order."""
        return cls.model_validate(recurrence)


class RecurrenceView(RecurrenceSummary):
    """A recurring order and its next occurrences, at most five."""

    upcoming: list[datetime]

    @classmethod
    def of(cls, recurrence: Recurrence) -> Self:
        """Return the view of a recurring order."""
        own = {name: getattr(recurrence, name) for name in RecurrenceSummary.model_fields}
        return cls.model_validate({**own, "upcoming": upcoming(recurrence)}, from_attributes=True)


class RecurrencePage(ResponseModel):
    """A page of recurring orders, newest first; the last page has an empty `next_page_token`."""

    recurrences: list[RecurrenceSummary]
    next_page_token: str
