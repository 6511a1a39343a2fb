"""The events of recurrences. They are not about an order: none was placed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from shared.kernel.event import Event
from shared.kernel.india import INDIA


@dataclass(frozen=True, slots=True, kw_only=True)
class RecurrenceEvent(Event):
    """An event about a recurrence of a customer."""

    recurrence_id: str
    customer_id: str

    @property
    def subject(self) -> str:
        """The id of the recurrence."""
        return self.recurrence_id


@dataclass(frozen=True, slots=True, kw_only=True)
class OccurrenceSkipped(RecurrenceEvent):
    """The order of an occurrence could not be placed, for the `reason` (the code of an error)."""

    TYPE: ClassVar[str] = "waybill.orders.occurrence_skipped.v1"

    occurrence: datetime
    timezone: str = INDIA
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecurrenceStopped(RecurrenceEvent):
    """The system ended a recurrence, for the `reason` (a code)."""

    TYPE: ClassVar[str] = "waybill.orders.recurrence_stopped.v1"

    reason: str
