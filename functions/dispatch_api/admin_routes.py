"""The routes by which operators list and review drivers; each look and each decision is audited."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import Query

from functions.dispatch_api.admin_schemas import (
    ApprovalRequest,
    DriverPage,
    DriverSummary,
    OperatorDriverView,
    RejectionReason,
    SuspensionRequest,
)
from functions.dispatch_api.schemas import DriverView
from shared.composition.drivers import DriverPorts
from shared.dispatch.drivers import DriverNotFound, DriverStatus
from shared.dispatch.machine import ReviewCause, ReviewState
from shared.dispatch.ports import DriverFilter
from shared.dispatch.review import DriverNotReviewable, DriverReview
from shared.dispatch.usecases.review_driver import ReadDriver, ReviewDriver, read_driver, review_driver
from shared.edge.app import api_router
from shared.edge.auth import Admin, Support
from shared.edge.idempotency import OptionalIdempotencyKey, RequestKey
from shared.edge.provided import PORTS, NewIds, Now
from shared.edge.refusals import refuses
from shared.edge.schemas import IdPath, PageSize, PageToken, page_token, page_values
from shared.kernel.actor import Operator
from shared.kernel.audit import AlreadyDecided, OperatorAction
from shared.kernel.four_eyes import OperatorInvolved
from shared.kernel.ids import NewId

Ports = Annotated[DriverPorts, PORTS]

admin = api_router("/api/v1/admin/drivers", tags=["admin"])


def _action(operator: Operator, now: datetime, new_id: NewId, reason: str = "") -> OperatorAction:
    """Return an operator's action, whose audit entry gets a new id."""
    return OperatorAction(new_id("aud"), operator, now, reason)


@admin.get("", operation_id="listDrivers")
async def list_drivers(
    _: Support,
    ports: Ports,
    review: Annotated[ReviewState | None, Query()] = None,
    status: Annotated[DriverStatus | None, Query()] = None,
    page_size: PageSize = 20,
    page_token_: Annotated[PageToken, Query(alias="page_token")] = "",
) -> DriverPage:
    """List drivers and applicants.

    For support and admins: by their review (`applied` waits for a decision) and by their status, in
    the order of their ids.
    """
    by = DriverFilter(page_size, page_values(page_token_, (str,)), review, status)
    found = await ports.store.drivers(by)
    token = page_token((found[-1].id,)) if len(found) == page_size else ""
    return DriverPage(drivers=[DriverSummary.of(driver) for driver in found], next_page_token=token)


@admin.get("/{uid}", operation_id="getDriverAsOperator")
@refuses(DriverNotFound)
async def read(uid: IdPath, operator: Support, ports: Ports, now: Now, new_id: NewIds) -> OperatorDriverView:
    """Get any driver as an operator.

    For support and admins: their orders, their open offer and their review. The audit log records each look.
    """
    command = ReadDriver(_action(operator, now, new_id), uid)
    return OperatorDriverView.seen(await read_driver(command, store=ports.store))


@admin.post("/{uid}/approve", operation_id="approveDriver")
@refuses(AlreadyDecided, DriverNotFound, OperatorInvolved)
async def approve(
    uid: IdPath,
    operator: Admin,
    key: OptionalIdempotencyKey,
    ports: Ports,
    now: Now,
    new_id: NewIds,
    body: ApprovalRequest | None = None,
) -> DriverView:
    """Approve a driver registration.

    For admins. The driver can go online from now on; so can one who was rejected or suspended. The
    approval is audited.
    """
    action = _action(operator, now, new_id, body.reason if body else "")
    return await _review(uid, ReviewCause.APPROVE, action, key, ports)


@admin.post("/{uid}/reject", operation_id="rejectDriver")
@refuses(AlreadyDecided, DriverNotFound, DriverNotReviewable, OperatorInvolved)
async def reject(
    uid: IdPath,
    body: RejectionReason,
    operator: Support,
    key: OptionalIdempotencyKey,
    ports: Ports,
    now: Now,
    new_id: NewIds,
) -> DriverView:
    """Reject an applicant for a driver.

    For support and admins. The applicant reads the reason and can apply again. The rejection is audited.
    """
    return await _review(uid, ReviewCause.REJECT, _action(operator, now, new_id, body.reason), key, ports)


@admin.post("/{uid}/suspend", operation_id="suspendDriver")
@refuses(AlreadyDecided, DriverNotFound, DriverNotReviewable, OperatorInvolved)
async def suspend(
    uid: IdPath,
    body: SuspensionRequest,
    operator: Support,
    key: OptionalIdempotencyKey,
    ports: Ports,
    now: Now,
    new_id: NewIds,
) -> DriverView:
    """Suspend a driver.

    For support and admins. The driver is offline at once, keeps the orders that they carry, reads the reason,
    and goes online again when an admin has approved them. The suspension is audited.
    """
    return await _review(uid, ReviewCause.SUSPEND, _action(operator, now, new_id, body.reason), key, ports)


async def _review(
    uid: str, cause: ReviewCause, action: OperatorAction, key: RequestKey | None, ports: DriverPorts
) -> DriverView:
    idempotency = key.for_answer(DriverView.of) if key else None
    command = ReviewDriver(DriverReview(action, uid, cause))
    driver = await review_driver(command, store=ports.store, index=ports.index, idempotency=idempotency)
    return DriverView.of(driver)
