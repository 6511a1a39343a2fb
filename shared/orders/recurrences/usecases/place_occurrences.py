"""Place the orders of recurring orders whose turn comes."""

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
    CustomerGone,
    Recurrence,
    RecurrenceNotFound,
    TurnOver,
    ended,
    failed,
    placed,
    postponed,
)
from shared.orders.recurrences.ports import RecurrenceStore
from shared.orders.usecases.place_order import PlaceOrder, place_order
from shared.orders.usecases.quote import QuoteOrder, quote

BATCH = 100
AT_ONCE = 10

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Shops:
    """What placing a turn takes."""

    catalogue: Catalogue
    quotes: QuoteStore
    orders: OrderStore
    recurrences: RecurrenceStore


@dataclass(frozen=True, slots=True)
class Turned:
    """How many turns were due, and how many of them were placed."""

    due: int
    placed: int


async def place_turns(*, shops: Shops, now: datetime, new_id: NewId) -> Turned:
    """Place what is due, the longest due first, at most `BATCH`; one failure stops no other.

    A turn is one order, however often this runs or dies: the order's id is that of the turn, and the
    series goes on in the commit that places it. So of placing a turn and leaving it out, one wins.
    """
    due = await shops.recurrences.due(now, BATCH)
    gate = asyncio.Semaphore(AT_ONCE)

    async def take(recurrence: Recurrence) -> bool:
        async with gate:
            told = {"recurrence_id": recurrence.id}
            try:
                return await _take(recurrence, shops, now, new_id)
            except DomainError as error:
                log.warning("turn_left_to_next_run", extra={**told, "code": error.code})
            except (ValueError, LookupError) as error:  # a document that makes no sense: somebody has to look
                log.error("turn_postponed", exc_info=error, extra=told)
                await _postpone(recurrence.id, shops, now)
            return False

    return Turned(len(due), sum(await asyncio.gather(*(take(one) for one in due))))


async def _take(recurrence: Recurrence, shops: Shops, now: datetime, new_id: NewId) -> bool:
    """Place one turn, unless its customer has left it out or another run has placed it since the look.

    The series of a customer whose account is closed ends.
    """
    turn = recurrence.next_at
    if turn is None:
        return False
    refusal, gone = "", False
    try:
        await _place(recurrence, turn, shops, now, new_id)
        return True
    except TurnOver:
        return False
    except QuoteUsed:
        pass  # its order is there, yet the series has not gone on
    except Unavailable:
        raise
    except DomainError as error:
        refusal, gone = error.code, isinstance(error, CustomerGone)

    def decide(stored: Recurrence | None) -> Recurrence:
        if stored is None:
            raise RecurrenceNotFound
        if gone:
            return ended(stored)
        return failed(stored, turn, refusal, now) if refusal else placed(stored, turn)

    await shops.recurrences.change(recurrence.id, decide)
    return not refusal


async def _postpone(recurrence_id: str, shops: Shops, now: datetime) -> None:
    """Let the others go first from now on, so that the broken ones never fill a whole batch."""

    def decide(stored: Recurrence | None) -> Recurrence:
        if stored is None:
            raise RecurrenceNotFound
        return postponed(stored, now)

    try:
        await shops.recurrences.change(recurrence_id, decide)
    except DomainError as error:
        log.warning("turn_left_to_next_run", extra={"recurrence_id": recurrence_id, "code": error.code})


async def _place(recurrence: Recurrence, turn: datetime, shops: Shops, now: datetime, new_id: NewId) -> None:
    wish = QuoteOrder(
        customer_id=recurrence.customer_id,
        merchant_id=recurrence.merchant_id,
        items=recurrence.items,
        dropoff=recurrence.dropoff,
        tip=recurrence.tip,
        scheduled_for=turn,
    )
    made = await quote(wish, catalogue=shops.catalogue, quotes=shops.quotes, now=now, new_id=new_id)
    command = PlaceOrder(recurrence.customer_id, made.id, turn=(recurrence.id, turn))
    await place_order(command, orders=shops.orders, now=now, once=None)
