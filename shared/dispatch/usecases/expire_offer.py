"""Expire an offer and offer the order to the next driver."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.dispatch import offer_endings
from shared.dispatch.domain import AssignmentContext, Offer, OfferNotFound, order_id_of
from shared.dispatch.drivers import DriverStatus
from shared.dispatch.index import update_index
from shared.dispatch.machine import OfferState
from shared.dispatch.offers import OfferDecision
from shared.dispatch.ports import Keys, SearchPorts
from shared.dispatch.usecases.make_offer import FindDriver, make_offer


@dataclass(frozen=True, slots=True)
class ExpireOffer:
    """The offer whose deadline has come."""

    offer_id: str


async def expire_offer(command: ExpireOffer, *, ports: SearchPorts, now: datetime) -> Offer:
    """End the offer if it is still open, continue the search if it timed out, and return it.

    A second call finds the offer expired and continues the search, which repairs a crash of the first.
    Raises `OfferNotFound`, and `TooEarly` before the expiry.
    """

    order_id = order_id_of(command.offer_id)
    offer = await ports.store.offer(command.offer_id)
    if offer is None:
        raise OfferNotFound
    if offer.state is OfferState.OPEN:
        offer = await _expire(offer, ports, now)
    if offer.state is OfferState.EXPIRED:
        await make_offer(FindDriver(order_id), ports=ports, now=now)
    return offer


async def _expire(offer: Offer, ports: SearchPorts, now: datetime) -> Offer:
    def decide(context: AssignmentContext) -> OfferDecision:
        return offer_endings.expire(context, ports.config, now)

    after = await ports.store.change(Keys(offer.order_id, offer.id, offer.driver_id), decide)
    if after.driver and after.driver.status is DriverStatus.OFFLINE:
        await update_index(ports.index, after.driver)
    return after.offer or offer
