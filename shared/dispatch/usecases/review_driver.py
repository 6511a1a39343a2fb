"""Approve, reject or suspend a driver, or look at one, as an operator."""

from __future__ import annotations

from dataclasses import dataclass

from shared.dispatch.domain import AssignmentContext
from shared.dispatch.drivers import Driver
from shared.dispatch.index import update_index
from shared.dispatch.ports import DispatchStore, DriverIndex, Keys
from shared.dispatch.review import DriverDecision, DriverReview, decide, look
from shared.kernel.audit import OperatorAction
from shared.kernel.idempotency import IdempotentRequest


@dataclass(frozen=True, slots=True)
class ReviewDriver:
    """The operator's decision."""

    review: DriverReview


@dataclass(frozen=True, slots=True)
class ReadDriver:
    """The operator who looks, and the driver."""

    action: OperatorAction
    driver_id: str


async def review_driver(
    command: ReviewDriver,
    *,
    store: DispatchStore,
    index: DriverIndex,
    idempotency: IdempotentRequest | None = None,
) -> Driver:
    """Store the decision with its audit entry and return the driver; a second call changes nothing.

    With `idempotency`, a call that comes again after a later decision does not undo that.

    The event `OfferWithdrawn` continues the search of an offer that a suspended driver had. Raises what
    `review.decide` raises.
    """
    review, ended = command.review, list[str]()

    def decided(context: AssignmentContext) -> DriverDecision:
        ended[:] = [context.offer.id] if context.offer else []
        return decide(context, review)

    driver = await store.change(Keys(driver=review.driver_id, outstanding=True), decided, idempotency)
    if not driver.approved:
        await update_index(index, driver, answered=next(iter(ended), None))
    return driver


async def read_driver(command: ReadDriver, *, store: DispatchStore) -> Driver:
    """Return the driver; the audit entry of the look is stored first. Raises `DriverNotFound`."""
    return await store.change(Keys(driver=command.driver_id), lambda context: look(context, command.action))
