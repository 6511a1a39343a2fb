"""Sweep offers and searches: repair what a lost task or a crash left behind."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter

from shared.dispatch.domain import Offer, Order
from shared.dispatch.machine import OfferState
from shared.dispatch.ports import SearchPorts
from shared.dispatch.usecases.expire_offer import ExpireOffer, expire_offer
from shared.dispatch.usecases.make_offer import FindDriver, Outcome, make_offer
from shared.kernel.batch import Batch, BatchResult, Cursor, Page, Queue

SEARCH_GRACE = timedelta(seconds=45)
"""How late the next attempt of a search may be; the longest delay between two attempts is shorter."""

CONCURRENCY = 50
"""Searches at once: where a commit takes 0.5 s and a task 5 s, a run still makes 280 offers."""


@dataclass(frozen=True, slots=True)
class SweepOffersResult:
    """The results of the queue of overdue offers and of the queue of idle searches."""

    offers: BatchResult
    searches: BatchResult


async def sweep_offers(*, ports: SearchPorts, batch: Batch) -> SweepOffersResult:
    """Expire overdue offers and continue idle searches."""
    offers, searches = await batch.run_all(_overdue_offers(ports), _idle_searches(ports))
    return SweepOffersResult(offers, searches)


def _overdue_offers(ports: SearchPorts) -> Queue[Offer]:
    async def handle(offer: Offer, now: datetime) -> bool:
        after = await expire_offer(ExpireOffer(offer.id), ports=ports, now=now)  # mutant: no-offer-deadline
        return after.state is not OfferState.OPEN

    return Queue(
        id="dispatch-overdue-offers",
        name="offer_id",
        key=attrgetter("id"),
        load=ports.store.open_offers,
        handle=handle,
        concurrency=CONCURRENCY,
    )


def _idle_searches(ports: SearchPorts) -> Queue[Order]:
    async def load(now: datetime, limit: int, cursor: Cursor | None) -> Page[Order]:
        return await ports.store.searching_orders(now - SEARCH_GRACE, limit, cursor)

    async def handle(order: Order, now: datetime) -> bool:
        command = FindDriver(order.id, order.assignment.search_attempt)
        # mutant: idle-searches
        return await make_offer(command, ports=ports, now=now) is not Outcome.NOTHING_TO_DO

    return Queue(
        id="dispatch-idle-searches",
        name="order_id",
        key=attrgetter("id"),
        load=load,
        handle=handle,
        concurrency=CONCURRENCY,
    )
