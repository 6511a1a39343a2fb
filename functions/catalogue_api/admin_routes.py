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
from shared.catalogue.usecases.approve_merchant import ApproveMerchant, approve_merchant
from shared.catalogue.usecases.reject_merchant import RejectMerchant, reject_merchant
from shared.catalogue.usecases.suspend_merchant import SuspendMerchant, suspend_merchant
from shared.composition.catalogue import CataloguePorts
from shared.edge.app import api_router
from shared.edge.auth import Admin
from shared.edge.provided import PORTS, Now
from shared.edge.schemas import IdPath, PageSize, PageToken, page_token, page_values

Ports = Annotated[CataloguePorts, PORTS]

router = api_router("/api/v1/admin/merchants", tags=["admin"])

ApplicationStatus = Literal["pending", "approved", "rejected", "suspended"]


@router.get("")
async def list_applications(
    _: Admin,
    ports: Ports,
    now: Now,
    status: Annotated[ApplicationStatus, Query()] = "pending",
    page_size: PageSize = 20,
    page_token_: Annotated[PageToken, Query(alias="page_token")] = "",
) -> ApplicationPage:
    """List the merchants with an application status, oldest first (admin)."""
    after = page_values(page_token_, (datetime, str))
    page = await queries.merchants_with_status(
        status, page_size, (after[0], after[1]) if after else None, applications=ports.applications
    )
    return ApplicationPage(
        merchants=[ApplicationView.of(merchant, now) for merchant in page.merchants],
        next_page_token=page_token(page.after) if page.after else "",
    )


@router.get("/{merchant_id}")
async def read_application(merchant_id: IdPath, _: Admin, ports: Ports, now: Now) -> ReviewedApplicationView:
    """Read a merchant and the reviews of its application (admin)."""
    found = await queries.read_application(
        merchant_id, merchants=ports.merchants, applications=ports.applications, staff=ports.staff
    )
    return ReviewedApplicationView.of(found, now)


@router.post("/{merchant_id}/approve")
async def approve(merchant_id: IdPath, user: Admin, ports: Ports, now: Now) -> MerchantView:
    """Approve a merchant, so that its staff can open it (admin)."""
    command = ApproveMerchant(merchant_id, user.uid)
    return MerchantView.of(await approve_merchant(command, applications=ports.applications, now=now), now)


@router.post("/{merchant_id}/reject")
async def reject(
    merchant_id: IdPath, body: ReasonRequest, user: Admin, ports: Ports, now: Now
) -> MerchantView:
    """Reject an application. The staff can read the reason and submit it again (admin)."""
    command = RejectMerchant(merchant_id, user.uid, body.reason)
    return MerchantView.of(await reject_merchant(command, applications=ports.applications, now=now), now)


@router.post("/{merchant_id}/suspend")
async def suspend(
    merchant_id: IdPath, body: ReasonRequest, user: Admin, ports: Ports, now: Now
) -> MerchantView:
    """Suspend a merchant: it is closed and hidden until an admin approves it again (admin)."""
    command = SuspendMerchant(merchant_id, user.uid, body.reason)
    return MerchantView.of(await suspend_merchant(command, applications=ports.applications, now=now), now)
