"""The safety net: whatever the loss of a task or a crash left lying is taken up again."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.dispatch.ports import Desk
from shared.dispatch.usecases.expire_offer import ExpireOffer, expire_offer
from shared.dispatch.usecases.make_offer import FindDriver, make_offer
from shared.kernel.errors import DomainError

SEARCH_GRACE = timedelta(seconds=45)
"""How late the next round of a search may be; the longest pause between two rounds is shorter."""

BATCH = 200
AT_ONCE = 10

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Swept:
    """How many offers and searches were found lying, and how many of them could not be taken up."""

    offers: int
    searches: int
    failed: int


async def sweep_offers(*, desk: Desk, now: datetime) -> Swept:
    """Expire what is overdue and search on for whom nobody searches; one failure stops no other."""
    offers = await desk.store.open_offers(now, BATCH)
    failed = await _each(expire_offer(ExpireOffer(offer.id), desk=desk, now=now) for offer in offers)
    orders = await desk.store.searching_orders(now - SEARCH_GRACE, BATCH)
    failed += await _each(
        make_offer(FindDriver(order.id, order.assignment.round), desk=desk, now=now) for order in orders
    )
    return Swept(len(offers), len(orders), failed)


async def _each(steps: Iterable[Awaitable[object]]) -> int:
    """Run all steps, a few at once; return how many were refused or could not be done."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def step(work: Awaitable[object]) -> int:
        async with gate:
            try:
                await work
            except DomainError as error:
                log.warning("sweep_step_failed", extra={"code": error.code})
                return 1
            return 0

    return sum(await asyncio.gather(*(step(work) for work in steps)))
