"""Hand an accepted order back before its pickup."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.dispatch.domain import AssignmentContext
from shared.dispatch.drivers import Driver, DriverNotFound
from shared.dispatch.handover import HandBackReason, HandoverDecision, hand_back
from shared.dispatch.index import update_index
from shared.dispatch.ports import DispatchStore, DriverIndex, Keys
from shared.kernel.idempotency import IdempotentRequest


@dataclass(frozen=True, slots=True)
class HandBackOrder:
    """The order, its driver, and why the driver hands it back."""

    order_id: str
    driver_id: str
    reason: HandBackReason


async def hand_back_order(
    command: HandBackOrder,
    *,
    store: DispatchStore,
    index: DriverIndex,
    now: datetime,
    idempotency: IdempotentRequest | None = None,
) -> Driver:
    """Return the order to the search, which the event `DriverHandedBack` continues, and return the driver.

    Raises what `handover.hand_back` raises. An unavailable index does not undo it.
    """

    def decide(context: AssignmentContext) -> HandoverDecision:
        return hand_back(context, command.driver_id, command.reason, now)

    driver = await store.change(Keys(command.order_id, driver=command.driver_id), decide, idempotency)
    if driver is None:
        raise DriverNotFound
    await update_index(index, driver)
    return driver
