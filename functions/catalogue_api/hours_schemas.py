"""Requests and responses about opening hours: local times such as 22:30 in the merchant's time zone."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from shared.catalogue.domain import Merchant
from shared.catalogue.hours import MAX_HOLIDAYS, MAX_SPANS_OF_DAY, Holiday, Hours, Span, Weekday, WeeklySpan
from shared.edge.schemas import RequestModel, ResponseModel
from shared.edge.text import WRITTEN, Reference

ClockTime = Annotated[str, StringConstraints(pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$"), WRITTEN]
"""A local time from 00:00 to 23:59, or 24:00 for the end of the day."""

IsoDate = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"), WRITTEN]


class SpanRequest(RequestModel):
    """From `opens` to `closes`. A `closes` before `opens` is on the next day."""

    opens: ClockTime
    closes: ClockTime

    def span(self) -> Span:
        """Return the domain object."""
        return Span(_minutes(self.opens), _minutes(self.closes))


class WeeklySpanRequest(SpanRequest):
    """A span of every week. `day` is the day on which it begins."""

    day: Annotated[Weekday, Field(strict=False)]

    def weekly(self) -> WeeklySpan:
        """Return the domain object."""
        return WeeklySpan(self.day, _minutes(self.opens), _minutes(self.closes))


class HolidayRequest(RequestModel):
    """A date with its own hours. Without spans the merchant is closed."""

    date: IsoDate
    spans: Annotated[list[SpanRequest], Field(max_length=MAX_SPANS_OF_DAY, default_factory=list)]

    def holiday(self) -> Holiday:
        """Return the domain object."""
        return Holiday(self.date, tuple(span.span() for span in self.spans))


class HoursRequest(RequestModel):
    """All opening hours in one time zone. Without weekly spans it is open except on holidays."""

    timezone: Annotated[Reference, StringConstraints(max_length=64)]
    weekly: Annotated[list[WeeklySpanRequest], Field(max_length=7 * MAX_SPANS_OF_DAY, default_factory=list)]
    holidays: Annotated[list[HolidayRequest], Field(max_length=MAX_HOLIDAYS, default_factory=list)]

    def hours(self) -> Hours:
        """Return the domain object."""
        weekly = tuple(span.weekly() for span in self.weekly)
        return Hours(self.timezone, weekly, tuple(holiday.holiday() for holiday in self.holidays))


class SpanView(ResponseModel):
    """From `opens` to `closes`."""

    opens: str
    closes: str


class WeeklySpanView(SpanView):
    """A span of every week."""

    day: Weekday


class HolidayView(ResponseModel):
    """A date with its own hours."""

    date: str
    spans: list[SpanView]


class HoursView(ResponseModel):
    """The opening hours of a merchant."""

    timezone: str
    weekly: list[WeeklySpanView]
    holidays: list[HolidayView]

    @classmethod
    def of(cls, merchant: Merchant) -> HoursView:
        """Return the view of a merchant's hours."""
        weekly = [
            WeeklySpanView(day=span.day, opens=_clock(span.opens), closes=_clock(span.closes))
            for span in merchant.hours
        ]
        holidays = [
            HolidayView(date=one.date, spans=[_span_view(span) for span in one.spans])
            for one in merchant.holidays
        ]
        return cls(timezone=merchant.timezone, weekly=weekly, holidays=holidays)


def _span_view(span: Span) -> SpanView:
    return SpanView(opens=_clock(span.opens), closes=_clock(span.closes))


def _minutes(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
