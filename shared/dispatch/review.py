"""The review of drivers by admins: approve, suspend, approve again; the audit log records each."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from shared.dispatch import drivers
from shared.dispatch.audit import AuditedAction, AuditEntry
from shared.dispatch.departures import leave
from shared.dispatch.domain import AssignmentContext
from shared.dispatch.drivers import Driver, DriverNotFound, DriverStatus, next_version
from shared.kernel.decision import Decision


@dataclass(frozen=True, slots=True)
class DriverReview:
    """An admin's request about a driver, with the id of the audit entry that it may create."""

    id: str
    admin_id: str
    driver_id: str
    reason: str
    at: datetime

    def entry(self, action: AuditedAction) -> AuditEntry:
        """Return the audit entry of the review."""
        return AuditEntry(self.id, self.at, self.admin_id, action, self.driver_id, self.reason)


DriverDecision = Decision[AssignmentContext, Driver]


def approve(context: AssignmentContext, review: DriverReview) -> DriverDecision:
    """Return the context with the driver approved; an approved one stays as they are, without an entry.

    Raises `DriverNotFound`.
    """
    driver = drivers.approve(context.driver)
    if driver == context.driver:
        return Decision(replace(context, offer=None, order=None), (), driver)
    audit = review.entry(AuditedAction.DRIVER_APPROVED)
    return Decision(AssignmentContext(driver=driver, audit=audit), (), driver)


def suspend(context: AssignmentContext, review: DriverReview) -> DriverDecision:
    """Return the context with the driver suspended: offline, and their outstanding offer ended at once.

    They keep the orders that they carry, which an operator can reassign or recall. A driver who is not
    approved stays as they are, without an entry. Raises `DriverNotFound`.
    """
    driver = context.driver
    if driver is None:
        raise DriverNotFound
    if not driver.approved:
        return Decision(context, (), driver)
    away = next_version(driver, replace(driver, approved=False, status=DriverStatus.OFFLINE))
    left = leave(context, away, review.at)
    audit = review.entry(AuditedAction.DRIVER_SUSPENDED)
    return Decision(replace(left.state, audit=audit), left.events, left.result)
