"""The admin routes for merchants' applications."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import Query

from functions.catalogue_api.schemas import (
    ApplicationPage,
    ApplicationView,
    MerchantView,
    ReasonRequest,
    ReviewedApplicationView,
)
from shared.catalogue import queries
from shared.catalogue.applications import MerchantNotPending, MerchantNotSelling
from shared.catalogue.domain import MerchantNotFound
from shared.catalogue.usecases.approve_merchant import ApproveMerchant, approve_merchant
from shared.catalogue.usecases.reject_merchant import RejectMerchant, reject_merchant
from shared.catalogue.usecases.suspend_merchant import SuspendMerchant, suspend_merchant
from shared.composition.catalogue import CataloguePorts
from shared.edge.app import api_router
from shared.edge.auth import Admin
from shared.edge.idempotency import OptionalIdempotencyKey, RequestKey
from shared.edge.provided import PORTS, Now
from shared.edge.refusals import refuses
from shared.edge.schemas import IdPath, PageSize, PageToken, page_token, page_values
from shared.kernel.audit import AlreadyDecided
from shared.kernel.four_eyes import OperatorInvolved
from shared.kernel.idempotency import IdempotentRequest

Ports = Annotated[CataloguePorts, PORTS]

router = api_router("/api/v1/admin/merchants", tags=["admin"])


def _answer(key: RequestKey | None, now: datetime) -> IdempotentRequest | None:
    """Return the request whose repetition gets the same answer and undoes no later decision."""
    return key.for_answer(lambda merchant: MerchantView.of(merchant, now)) if key else None


ApplicationStatus = Literal["pending", "approved", "rejected", "suspended"]


@router.get("", operation_id="listMerchantApplications")
async def list_applications(
    _: Admin,
    ports: Ports,
    now: Now,
    status: Annotated[ApplicationStatus, Query()] = "pending",
    page_size: PageSize = 20,
    page_token_: Annotated[PageToken, Query(alias="page_token")] = "",
) -> ApplicationPage:
    """List merchant applications.

    For admins: those with an application status, oldest first.
    """
    after = page_values(page_token_, (datetime, str))
    page = await queries.merchants_with_status(
        status, page_size, (after[0], after[1]) if after else None, applications=ports.applications
    )
    return ApplicationPage(
        merchants=[ApplicationView.of(merchant, now) for merchant in page.merchants],
        next_page_token=page_token(page.after) if page.after else "",
    )


@router.get("/{merchant_id}", operation_id="getMerchantApplication")
@refuses(MerchantNotFound)
async def read_application(merchant_id: IdPath, _: Admin, ports: Ports, now: Now) -> ReviewedApplicationView:
    """Get a merchant application.

    For admins: the merchant and the reviews of its application.
    """
    found = await queries.read_application(
        merchant_id, merchants=ports.merchants, applications=ports.applications, staff=ports.staff
    )
    return ReviewedApplicationView.of(found, now)


@router.post("/{merchant_id}/approve", operation_id="approveMerchant")
@refuses(MerchantNotFound, OperatorInvolved)
async def approve(
    merchant_id: IdPath, user: Admin, key: OptionalIdempotencyKey, ports: Ports, now: Now
) -> MerchantView:
    """Approve a merchant.

    For admins. Its staff can open it from now on.
    """
    command = ApproveMerchant(merchant_id, user.uid)
    decided = await approve_merchant(
        command, applications=ports.applications, now=now, idempotency=_answer(key, now)
    )
    return MerchantView.of(decided, now)


@router.post("/{merchant_id}/reject", operation_id="rejectMerchant")
@refuses(AlreadyDecided, MerchantNotFound, MerchantNotPending, OperatorInvolved)
async def reject(
    merchant_id: IdPath,
    body: ReasonRequest,
    user: Admin,
    key: OptionalIdempotencyKey,
    ports: Ports,
    now: Now,
) -> MerchantView:
    """Reject a merchant application.

    For admins. The staff reads the reason and can submit the application again.
    """
    command = RejectMerchant(merchant_id, user.uid, body.reason)
    decided = await reject_merchant(
        command, applications=ports.applications, now=now, idempotency=_answer(key, now)
    )
    return MerchantView.of(decided, now)


@router.post("/{merchant_id}/suspend", operation_id="suspendMerchant")
@refuses(AlreadyDecided, MerchantNotFound, MerchantNotSelling, OperatorInvolved)
async def suspend(
    merchant_id: IdPath,
    body: ReasonRequest,
    user: Admin,
    key: OptionalIdempotencyKey,
    ports: Ports,
    now: Now,
) -> MerchantView:
    """Suspend a merchant.

    For admins. It is closed and hidden until an admin approves it again.
    """
    command = SuspendMerchant(merchant_id, user.uid, body.reason)
    decided = await suspend_merchant(
        command, applications=ports.applications, now=now, idempotency=_answer(key, now)
    )
    return MerchantView.of(decided, now)
