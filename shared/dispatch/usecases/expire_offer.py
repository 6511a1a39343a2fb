"""The time to answer an offer is over: end it and ask the next driver."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.dispatch import offers
from shared.dispatch.domain import Case, Offer, OfferState, Verdict, order_of
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

    def decide(case: Case) -> Verdict[Offer]:
        return offers.expire(case, now)

    order = order_of(command.offer_id)
    offer = await desk.store.change(Keys(order, command.offer_id), decide)
    if offer.state is OfferState.EXPIRED:
        await make_offer(FindDriver(order), desk=desk, now=now)
    return offer
