"""Place the orders of the occurrences that are due."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from datetime import datetime

from shared.kernel.errors import DomainError, Unavailable
from shared.kernel.ids import NewId
from shared.orders.domain import QuoteUsed
from shared.orders.ports import Catalogue, OrderStore, QuoteStore
from shared.orders.recurrences.domain import (
    CustomerAccountClosed,
    OccurrenceNotPending,
    Recurrence,
    RecurrenceNotFound,
    end,
    postpone,
    record_failure,
    record_placed,
)
from shared.orders.recurrences.ports import RecurrenceStore
from shared.orders.usecases.place_order import PlaceOrder, place_order
from shared.orders.usecases.quote import QuoteOrder, quote

BATCH = 100
AT_ONCE = 10

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PlacementPorts:
    """The ports that placing an occurrence needs."""

    catalogue: Catalogue
    quotes: QuoteStore
    orders: OrderStore
    recurrences: RecurrenceStore


@dataclass(frozen=True, slots=True)
class PlacedOccurrences:
    """How many occurrences were due, and how many of them were placed."""

    due: int
    placed: int


async def place_occurrences(*, ports: PlacementPorts, now: datetime, new_id: NewId) -> PlacedOccurrences:
    """Place the due occurrences, the longest due first, at most `BATCH`; one failure stops no other.

    An occurrence has one order, however often this runs or fails: the order's id derives from the
    occurrence, and the recurrence advances in the commit that places it. So either the order is placed or
    the occurrence is skipped, never both.
    """
    due = await ports.recurrences.due(now, BATCH)  # mutant: due-not-found
    limiter = asyncio.Semaphore(AT_ONCE)

    async def process(recurrence: Recurrence) -> bool:
        async with limiter:
            fields = {"recurrence_id": recurrence.id}
            try:
                return await _process(recurrence, ports, now, new_id)
            except DomainError as error:
                log.warning("occurrence_left_to_next_run", extra={**fields, "code": error.code})
            except (ValueError, LookupError) as error:  # a malformed document: an operator has to look
                log.error("occurrence_postponed", exc_info=error, extra=fields)
                await _postpone(recurrence.id, ports, now)
            return False

    return PlacedOccurrences(len(due), sum(await asyncio.gather(*(process(one) for one in due))))


async def _process(recurrence: Recurrence, ports: PlacementPorts, now: datetime, new_id: NewId) -> bool:
    """Place one occurrence, unless it was skipped or placed after the query.

    The recurrence of a customer whose account is closed ends.
    """
    occurrence = recurrence.next_at
    if occurrence is None:
        return False
    refusal, closed = "", False
    try:
        await _place(recurrence, occurrence, ports, now, new_id)
        return True
    except OccurrenceNotPending:
        return False
    except QuoteUsed:
        pass  # its order exists, and the recurrence has not advanced
    except Unavailable:
        raise
    except DomainError as error:
        refusal, closed = error.code, isinstance(error, CustomerAccountClosed)

    def decide(stored: Recurrence | None) -> Recurrence:
        if stored is None:
            raise RecurrenceNotFound
        if closed:
            return end(stored)
        return (
            record_failure(stored, occurrence, refusal, now) if refusal else record_placed(stored, occurrence)
        )

    await ports.recurrences.change(recurrence.id, decide)
    return not refusal


async def _postpone(recurrence_id: str, ports: PlacementPorts, now: datetime) -> None:
    """Process the others first from now on, so that malformed ones never fill a whole batch."""

    def decide(stored: Recurrence | None) -> Recurrence:
        if stored is None:
            raise RecurrenceNotFound
        return postpone(stored, now)

    try:
        await ports.recurrences.change(recurrence_id, decide)
    except DomainError as error:
        log.warning("occurrence_left_to_next_run", extra={"recurrence_id": recurrence_id, "code": error.code})


async def _place(
    recurrence: Recurrence, occurrence: datetime, ports: PlacementPorts, now: datetime, new_id: NewId
) -> None:
    request = QuoteOrder(
        customer_id=recurrence.customer_id,
        merchant_id=recurrence.merchant_id,
        items=recurrence.items,
        dropoff=recurrence.dropoff,
        tip=recurrence.tip,
        scheduled_for=occurrence,
    )
    quoted = await quote(request, catalogue=ports.catalogue, quotes=ports.quotes, now=now, new_id=new_id)
    command = PlaceOrder(recurrence.customer_id, quoted.id, occurrence=(recurrence.id, occurrence))
    await place_order(command, orders=ports.orders, now=now, idempotency=None)
