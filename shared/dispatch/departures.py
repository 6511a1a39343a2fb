"""Decide over drivers who take no orders any more: offline, without valid documents, or closed."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from shared.dispatch.domain import AssignmentContext
from shared.dispatch.drivers import Driver, DriverStatus, next_version
from shared.dispatch.offer_endings import end_for_absent_driver
from shared.kernel.decision import Decision


def leave(context: AssignmentContext, away: Driver, now: datetime) -> Decision[AssignmentContext, Driver]:
    """Return the context with the driver `away`, and their outstanding offer ended at once.

    `away` is the driver of the context, who takes no orders any more. The offer counts neither as declined
    nor as missed, and its order is offered to the next driver.
    """
    before = context.driver
    ended = end_for_absent_driver(replace(context, driver=away), now)  # mutant: offer-of-absent-driver
    driver = ended.state.driver or away
    if before is not None and driver != before:
        driver = replace(driver, version=before.version + 1)
    return Decision(replace(ended.state, driver=driver), ended.events, driver)


def close(
    context: AssignmentContext, *, closed: bool, now: datetime
) -> Decision[AssignmentContext, Driver | None]:
    """Return the context after the account of the driver was closed, or opened again; None without a driver.

    A closed driver is offline, and their outstanding offer ends; one whose account is opened stays offline.
    """
    driver = context.driver
    if driver is None or driver.closed == closed:
        return Decision(context, (), driver)
    changed = next_version(driver, replace(driver, closed=closed, status=DriverStatus.OFFLINE))
    if not closed:
        return Decision(replace(context, driver=changed), (), changed)
    left = leave(context, changed, now)
    return Decision(left.state, left.events, left.result)
