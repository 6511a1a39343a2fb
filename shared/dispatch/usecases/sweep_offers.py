"""The safety net under tasks: whatever the loss of a deadline or a crash left lying is taken up again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.dispatch.ports import SearchPorts
from shared.dispatch.steps import each
from shared.dispatch.usecases.expire_offer import ExpireOffer, expire_offer
from shared.dispatch.usecases.make_offer import FindDriver, make_offer

SEARCH_GRACE = timedelta(seconds=45)
"""How late the next attempt of a search may be; the longest delay between two attempts is shorter."""

BATCH = 200


@dataclass(frozen=True, slots=True)
class Swept:
    """How many offers and searches were found lying, and how many of them could not be taken up."""

    offers: int
    searches: int
    failed: int


async def sweep_offers(*, ports: SearchPorts, now: datetime) -> Swept:
    """Expire what is overdue and search on for whom nobody searches; one failure stops no other."""
    offers = await ports.store.open_offers(now, BATCH)  # mutant: no-offer-deadline
    failed = await each(expire_offer(ExpireOffer(offer.id), ports=ports, now=now) for offer in offers)
    orders = await ports.store.searching_orders(now - SEARCH_GRACE, BATCH)  # mutant: idle-searches
    failed += await each(
        make_offer(FindDriver(order.id, order.assignment.search_attempt), ports=ports, now=now)
        for order in orders
    )
    return Swept(len(offers), len(orders), failed)
