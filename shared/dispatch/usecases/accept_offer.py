"""A driver takes the order that they were offered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.dispatch import offers
from shared.dispatch.domain import AssignmentContext, Verdict, order_id_of
from shared.dispatch.index import tell
from shared.dispatch.ports import DispatchStore, DriverIndex, Keys
from shared.kernel.once import Once


@dataclass(frozen=True, slots=True)
class AcceptOffer:
    """`driver_id` says yes to the offer."""

    offer_id: str
    driver_id: str


async def accept_offer(
    command: AcceptOffer, *, store: DispatchStore, index: DriverIndex, now: datetime, once: Once | None = None
) -> AssignmentContext:
    """Assign the order to the driver and return offer, order and driver as they now are.

    Raises what `offers.accept` raises. The index is only an optimisation: that it is down does not
    take the order away from the driver again.
    """

    def decide(context: AssignmentContext) -> Verdict[AssignmentContext]:
        return offers.accept(context, command.driver_id, now)

    keys = Keys(order_id_of(command.offer_id), command.offer_id, command.driver_id)
    after = await store.change(keys, decide, once)
    if after.driver:
        await tell(index, after.driver, answered=command.offer_id)
    return after
