"""Reading an order as the API and the listeners show it: states, and the times of its timeline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

GIVEN_BACK = ("refunded", "partly_refunded")
"""The payment of an order that was cancelled, in full or less the fee."""


@dataclass(frozen=True, slots=True)
class Order:
    """An order's public face."""

    id: str
    fulfilment: str
    assignment: str
    payment: str
    driver_id: str | None
    timeline: tuple[Mapping[str, Any], ...]

    @classmethod
    def of(cls, document: Mapping[str, Any], timeline: Sequence[Mapping[str, Any]]) -> Order:
        """Read an order as a listener or the API shows it; the API gives its timeline separately."""
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

    def count(self, entry: str) -> int:
        """How often something stands in the timeline."""
        return sum(line["type"] == entry for line in self.timeline)

    def time(self, entry: str) -> datetime | None:
        """When something first happened; None if it did not."""
        return next((_time(line["at"]) for line in self.timeline if line["type"] == entry), None)

    def seconds(self, first: str, then: str) -> float | None:
        """How long it took from one entry to another; None unless both happened."""
        begin, end = self.time(first), self.time(then)
        return (end - begin).total_seconds() if begin and end else None


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)
