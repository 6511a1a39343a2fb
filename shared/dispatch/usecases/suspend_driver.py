"""Suspend a driver: the approval is taken back."""

from __future__ import annotations

from dataclasses import dataclass

from shared.dispatch.domain import AssignmentContext
from shared.dispatch.drivers import Driver
from shared.dispatch.index import update_index
from shared.dispatch.ports import DispatchStore, DriverIndex, Keys
from shared.dispatch.review import DriverDecision, DriverReview, suspend


@dataclass(frozen=True, slots=True)
class SuspendDriver:
    """The admin's review that suspends its driver."""

    review: DriverReview


async def suspend_driver(command: SuspendDriver, *, store: DispatchStore, index: DriverIndex) -> Driver:
    """Suspend the driver, with an audit entry, and return them; a second call changes nothing.

    They are offline at once and get no offers until an admin approves them again; the event
    `OfferWithdrawn` continues the search of an offer that they had. Raises `DriverNotFound`.
    """
    review, ended = command.review, list[str]()

    def decide(context: AssignmentContext) -> DriverDecision:
        ended[:] = [context.offer.id] if context.offer else []
        return suspend(context, review)

    driver = await store.change(Keys(driver=review.driver_id, outstanding=True), decide)
    await update_index(index, driver, answered=next(iter(ended), None))
    return driver
