"""Decline an offer."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime

from shared.dispatch import offer_endings
from shared.dispatch.domain import AssignmentContext, DriverIndexUnavailable, order_id_of
from shared.dispatch.offers import OfferDecision
from shared.dispatch.ports import DispatchStore, DriverIndex, Keys

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DeclineOffer:
    """The offer, and the driver who declines it."""

    offer_id: str
    driver_id: str


async def decline_offer(
    command: DeclineOffer, *, store: DispatchStore, index: DriverIndex, now: datetime
) -> AssignmentContext:
    """End the offer and return offer, order and driver; the event `OfferDeclined` continues the search.

    Raises what `offer_endings.decline` raises.
    """

    def decide(context: AssignmentContext) -> OfferDecision:
        return offer_endings.decline(context, command.driver_id, now)

    keys = Keys(order_id_of(command.offer_id), command.offer_id, command.driver_id)
    after = await store.change(keys, decide)
    try:
        await index.release(command.driver_id, command.offer_id)
    except DriverIndexUnavailable:
        log.warning("driver_index_unavailable", extra={"offer_id": command.offer_id})
    return after
