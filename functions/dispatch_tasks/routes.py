"""The routes that Cloud Tasks calls; it sends a task again until the status is a success."""

from __future__ import annotations

from functions.dispatch_tasks import wiring
from functions.dispatch_tasks.schemas import OfferDeadline, OfferEnded, SearchDeadline, Searched
from shared.dispatch.usecases.expire_offer import ExpireOffer, expire_offer
from shared.dispatch.usecases.make_offer import FindDriver, make_offer
from shared.edge.app import api_router
from shared.kernel.clock import utc_now

router = api_router("/tasks")


@router.post("/offer-expired")
async def offer_expired(body: OfferDeadline) -> OfferEnded:
    """Expire the offer if it is still open, and offer the order to the next driver."""
    offer = await expire_offer(ExpireOffer(body.offer_id), ports=wiring.ports(), now=utc_now())
    return OfferEnded(state=offer.state)


@router.post("/search-again")
async def schedule_search(body: SearchDeadline) -> Searched:
    """Run this search attempt unless it was run before."""
    command = FindDriver(body.order_id, body.search_attempt)
    return Searched(outcome=await make_offer(command, ports=wiring.ports(), now=utc_now()))
