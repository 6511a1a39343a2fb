"""Place the order of one occurrence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.kernel.decision import Decision
from shared.kernel.ids import derived_id
from shared.orders.domain import Order
from shared.orders.ordering import OrderingRules
from shared.orders.recurrences.domain import (
    CustomerAccountClosed,
    RecurrenceRules,
    check_paid,
    check_pending,
    record_placed,
)
from shared.orders.recurrences.ports import (
    OccurrenceContext,
    OccurrenceDecision,
    OccurrenceKey,
    PlacedOccurrence,
    RecurrenceStore,
)
from shared.orders.usecases.place_order import NewOrder, decide_placement


@dataclass(frozen=True, slots=True)
class PlaceOccurrence:
    """The recurrence, its customer, the time of the occurrence, and the quote of its order."""

    recurrence_id: str
    customer_id: str
    occurrence: datetime
    quote_id: str


def occurrence_order_id(recurrence_id: str, occurrence: datetime) -> str:
    """Return the id of the one order of an occurrence."""
    return derived_id("ord", recurrence_id, str(int(occurrence.timestamp())))


async def place_occurrence(
    command: PlaceOccurrence,
    *,
    recurrences: RecurrenceStore,
    rules: RecurrenceRules,
    ordering: OrderingRules,
    now: datetime,
) -> Order:
    """Return the placed order; the recurrence advances in the same commit.

    Raises `OccurrenceNotPending` when it was placed or skipped meanwhile, `CustomerAccountClosed`,
    `RecurrenceUnpaid`, and the errors of `place_order`.
    """
    order_id = occurrence_order_id(command.recurrence_id, command.occurrence)
    new = NewOrder(order_id, command.customer_id, recurrence_id=command.recurrence_id)

    def decide(context: OccurrenceContext) -> OccurrenceDecision:
        recurrence = check_pending(context.recurrence, command.occurrence)
        if context.account_closed:
            raise CustomerAccountClosed
        check_paid(recurrence, context.latest, rules)
        placed = decide_placement(context.placement, new, ordering, now)
        after = record_placed(recurrence, command.occurrence, order_id, rules)  # mutant: no-advance
        return Decision(PlacedOccurrence(placed.state, after), placed.events, placed.result)

    key = OccurrenceKey(command.recurrence_id, command.customer_id, command.quote_id, order_id)
    return await recurrences.place(key, decide)
