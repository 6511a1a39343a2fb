"""Read an order as the API and the listeners return it: states, and the times of its timeline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

REFUNDED = ("refunded", "partly_refunded")
"""The payment states of a cancelled order: refunded in full or less the fee."""


@dataclass(frozen=True, slots=True)
class Order:
    """An order as clients see it."""

    id: str
    fulfilment: str
    assignment: str
    payment: str
    driver_id: str | None
    timeline: tuple[Mapping[str, Any], ...]

    @classmethod
    def of(cls, document: Mapping[str, Any], timeline: Sequence[Mapping[str, Any]]) -> Order:
        """Read a document of a listener or an answer of the API, which has the timeline apart."""
        assignment, payment = document["assignment"], document["payment"]
        return cls(
            id=document["id"],
            fulfilment=document["fulfilment"],
            assignment=assignment["state"],
            payment=payment["state"],
            driver_id=assignment.get("driver_id"),
            timeline=tuple(timeline),
        )

    @property
    def states(self) -> tuple[str, str, str]:
        """Fulfilment, assignment and payment."""
        return self.fulfilment, self.assignment, self.payment

    @property
    def last_seq(self) -> int:
        """The number of the latest entry; 0 before the first."""
        return int(self.timeline[-1]["seq"]) if self.timeline else 0

    def count(self, entry: str) -> int:
        """Return how often the timeline has an entry of this type."""
        return sum(line["type"] == entry for line in self.timeline)

    def time(self, entry: str) -> datetime | None:
        """Return the time of the first entry of this type, or None."""
        return next((_time(line["at"]) for line in self.timeline if line["type"] == entry), None)

    def seconds(self, first: str, then: str) -> float | None:
        """Return the seconds from one entry to another; None unless both exist."""
        begin, end = self.time(first), self.time(then)
        return (end - begin).total_seconds() if begin and end else None


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)
