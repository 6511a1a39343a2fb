"""Approve a driver."""

from __future__ import annotations

from dataclasses import dataclass

from shared.dispatch.domain import AssignmentContext
from shared.dispatch.drivers import Driver
from shared.dispatch.ports import DispatchStore, Keys
from shared.dispatch.review import DriverDecision, DriverReview, approve


@dataclass(frozen=True, slots=True)
class ApproveDriver:
    """The admin's review that approves its driver."""

    review: DriverReview


async def approve_driver(command: ApproveDriver, *, store: DispatchStore) -> Driver:
    """Approve the driver, with an audit entry, and return them; a second call changes nothing.

    Raises `DriverNotFound`.
    """
    review = command.review

    def decide(context: AssignmentContext) -> DriverDecision:
        return approve(context, review)

    return await store.change(Keys(driver=review.driver_id), decide)
