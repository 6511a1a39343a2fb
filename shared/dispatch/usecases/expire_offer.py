"""The time to answer an offer is over: end it and ask the next driver."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.dispatch import offers
from shared.dispatch.domain import Case, Offer, OfferNotFound, OfferState, Verdict, order_of
from shared.dispatch.drivers import DriverStatus
from shared.dispatch.index import tell
from shared.dispatch.ports import Desk, Keys
from shared.dispatch.usecases.make_offer import FindDriver, make_offer


@dataclass(frozen=True, slots=True)
class ExpireOffer:
    """The offer whose deadline is said to have come."""

    offer_id: str


async def expire_offer(command: ExpireOffer, *, desk: Desk, now: datetime) -> Offer:
    """End the offer if it is still open, search on if it lapsed, and return it.

    A second call finds the offer expired and carries the search on where the first one may have
    died. Raises `OfferNotFound`, and `TooEarly` while the driver still has time.
    """

    order_id = order_of(command.offer_id)
    offer = await desk.store.offer(command.offer_id)
    if offer is None:
        raise OfferNotFound
    if offer.state is OfferState.OPEN:
        offer = await _end(offer, desk, now)
    if offer.state is OfferState.EXPIRED:
        await make_offer(FindDriver(order_id), desk=desk, now=now)
    return offer


async def _end(offer: Offer, desk: Desk, now: datetime) -> Offer:
    def decide(case: Case) -> Verdict[Case]:
        return offers.expire(case, now)

    after = await desk.store.change(Keys(offer.order_id, offer.id, offer.driver_id), decide)
    if after.driver and after.driver.status is DriverStatus.OFFLINE:
        await tell(desk.index, after.driver)
    return after.offer or offer
