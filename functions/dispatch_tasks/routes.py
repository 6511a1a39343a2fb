"""The routes that Cloud Tasks calls; it sends a task again until the status is a success."""

from __future__ import annotations

from typing import Annotated

from functions.dispatch_tasks.schemas import OfferDeadline, OfferEnded, SearchDeadline, Searched
from shared.composition.dispatch import DispatchPorts
from shared.dispatch.usecases.expire_offer import ExpireOffer, expire_offer
from shared.dispatch.usecases.make_offer import FindDriver, make_offer
from shared.edge.app import api_router
from shared.edge.provided import PORTS, Now

Ports = Annotated[DispatchPorts, PORTS]

router = api_router("/tasks")


@router.post("/offer-expired")
async def offer_expired(body: OfferDeadline, ports: Ports, now: Now) -> OfferEnded:
    """Expire the offer if it is still open, and offer the order to the next driver."""
    offer = await expire_offer(ExpireOffer(body.offer_id), ports=ports, now=now)
    return OfferEnded(state=offer.state)


@router.post("/search-again")
async def schedule_search(body: SearchDeadline, ports: Ports, now: Now) -> Searched:
    """Run this search attempt unless it was run before."""
    command = FindDriver(body.order_id, body.search_attempt)
    return Searched(outcome=await make_offer(command, ports=ports, now=now))
