"""Place the orders of recurring orders whose turn comes."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from datetime import datetime

from shared.kernel.errors import DomainError, Unavailable
from shared.kernel.ids import NewId
from shared.orders.domain import OrderNotFound, QuoteUsed
from shared.orders.ports import Catalogue, OrderStore, QuoteStore, RecurrenceStore
from shared.orders.recurrence import Recurrence, RecurrenceNotFound, failed, placed
from shared.orders.usecases.place_order import PlaceOrder, place_order, turn_order_id
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

    A turn is one order, however often this runs or dies: the order's id is that of the turn.
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
                log.error("turn_left_to_next_run", exc_info=error, extra=told)
            return False

    return Turned(len(due), sum(await asyncio.gather(*(take(one) for one in due))))


async def _take(recurrence: Recurrence, shops: Shops, now: datetime, new_id: NewId) -> bool:
    """Place one turn, unless its customer has left it out since the look."""
    turn = recurrence.next_at
    fresh = await shops.recurrences.find(recurrence.id)
    if turn is None or fresh is None or fresh.next_at != turn:
        return False
    refusal = ""
    try:
        await _place(recurrence, turn, shops, now, new_id)
    except QuoteUsed:
        pass  # placed by a run that ended before it could note so
    except Unavailable:
        raise
    except DomainError as error:
        refusal = "" if await _stands(recurrence, turn, shops) else error.code

    def decide(stored: Recurrence | None) -> Recurrence:
        if stored is None:
            raise RecurrenceNotFound
        return failed(stored, turn, refusal, now) if refusal else placed(stored, turn)

    await shops.recurrences.change(recurrence.id, decide)
    return not refusal


async def _stands(recurrence: Recurrence, turn: datetime, shops: Shops) -> bool:
    """Say whether the turn's order is there: that may be the very reason of a refusal, such as that
    nothing is left."""
    try:
        await shops.orders.get(turn_order_id(recurrence.id, turn))
    except OrderNotFound:
        return False
    return True


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
