"""Orders and merchants as reviews see them; other contexts own their documents."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.kernel.order import Fulfilment

DELIVERED = "order_delivered"
"""The timeline entry of a delivery."""


@dataclass(frozen=True, slots=True)
class AssignedDriver:
    """The part of an order's assignment slice that a review reads."""

    driver_id: str | None = None


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One entry of an order's timeline."""

    type: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ReviewableOrder:
    """The part of an order that a review reads; other contexts own it."""

    id: str
    customer_id: str
    fulfilment: Fulfilment
    assignment: AssignedDriver
    merchant_id: str = ""
    timeline: tuple[TimelineEntry, ...] = ()

    @property
    def delivered_at(self) -> datetime | None:
        """The time of the delivery; None if the timeline has no such entry."""
        return max((entry.at for entry in self.timeline if entry.type == DELIVERED), default=None)


@dataclass(frozen=True, slots=True)
class ReviewedMerchant:
    """The part of a merchant that this context reads."""

    approved: bool = False
