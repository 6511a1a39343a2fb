"""What operators read of orders, and which of them they have to look at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shared.kernel.order import Business, Fulfilment
from shared.orders.domain import Order


class OrderAction(StrEnum):
    """What an operator did with an order, as the audit log names it."""

    READ = "order_read"
    CANCELLED = "order_cancelled"
    REASSIGNED = "order_reassigned"
    RECALLED = "order_recalled"


class Attention(StrEnum):
    """Why operators have to look at an order."""

    OVERDUE = "overdue"
    """It has been in its state for longer than its SLA allows."""

    ESCALATED = "escalated"
    """No driver takes it, its driver is silent or closed, or the driver has reported a problem."""


@dataclass(frozen=True, slots=True)
class OversightFilter:
    """Orders of all parties, newest first, after the `(placed_at, id)` in `after`.

    Empty fields filter nothing; `since` is inclusive, `until` exclusive.
    """

    limit: int
    after: tuple[object, ...] = ()
    states: tuple[Fulfilment, ...] = ()
    merchant_id: str = ""
    business: Business | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class AttentionFilter:
    """Orders that need attention, the longest waiting first, after the `(since, id)` in `after`."""

    why: Attention
    limit: int
    after: tuple[object, ...] = ()


@dataclass(frozen=True, slots=True)
class SearchRecord:
    """What dispatch keeps of the search for an order's driver: how often, who, and why it was escalated."""

    attempt: int = 0
    excluded_drivers: tuple[str, ...] = ()
    former_drivers: tuple[str, ...] = ()
    escalation: str | None = None


@dataclass(frozen=True, slots=True)
class OverseenOrder:
    """An order with everything that operators read of it."""

    order: Order
    search: SearchRecord = SearchRecord()
