"""Accept an offer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.dispatch import offers
from shared.dispatch.domain import AssignmentContext, order_id_of
from shared.dispatch.index import update_index
from shared.dispatch.ports import DispatchStore, DriverIndex, Keys
from shared.kernel.idempotency import IdempotentRequest


@dataclass(frozen=True, slots=True)
class AcceptOffer:
    """The offer, and the driver who accepts it."""

    offer_id: str
    driver_id: str


async def accept_offer(
    command: AcceptOffer,
    *,
    store: DispatchStore,
    index: DriverIndex,
    now: datetime,
    idempotency: IdempotentRequest | None = None,
) -> AssignmentContext:
    """Assign the order to the driver and return offer, order and driver.

    Raises what `offers.accept` raises. An unavailable index does not undo the acceptance.
    """

    def decide(context: AssignmentContext) -> offers.OfferDecision:
        return offers.accept(context, command.driver_id, now)

    keys = Keys(order_id_of(command.offer_id), command.offer_id, command.driver_id)
    after = await store.change(keys, decide, idempotency)
    if after.driver:
        await update_index(index, after.driver, answered=command.offer_id)
    return after
