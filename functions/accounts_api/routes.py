"""The routes of `accounts_api`: parse, authorise, one use case, map the result."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import Query

from functions.accounts_api import wiring
from functions.accounts_api.schemas import (
    DeviceRequest,
    DeviceView,
    MeView,
    NotificationPage,
    NotificationView,
    ProfileRequest,
    ReviewRequest,
    ReviewView,
)
from shared.accounts import queries
from shared.accounts.usecases.edit_profile import EditProfile, edit_profile
from shared.accounts.usecases.post_review import PostReview, post_review
from shared.accounts.usecases.register_device import RegisterDevice, register_device
from shared.accounts.usecases.remove_device import RemoveDevice, remove_device
from shared.edge.app import api_router
from shared.edge.auth import SignedIn
from shared.edge.idempotency import IdempotencyKey
from shared.edge.schemas import IdPath, PageSize, PageToken, page_token, page_values
from shared.kernel.clock import utc_now

router = api_router("/api/v1", tags=["accounts"])


@router.get("/me")
async def read_me(user: SignedIn) -> MeView:
    """Read what Waybill knows of you."""
    return MeView.of(user, await queries.me(user, accounts=wiring.accounts()))


@router.put("/me")
async def edit_me(body: ProfileRequest, user: SignedIn) -> MeView:
    """Say how you want to be called, and in which language."""
    command = EditProfile(user, body.name, body.language)
    return MeView.of(user, await edit_profile(command, accounts=wiring.accounts()))


@router.post("/me/devices", status_code=201)
async def add_device(body: DeviceRequest, user: SignedIn) -> DeviceView:
    """Be notified on this device; the same token again is the same device. Ten are kept."""
    command = RegisterDevice(user, body.token, body.platform)
    return DeviceView.of(await register_device(command, accounts=wiring.accounts(), now=utc_now()))


@router.delete("/me/devices/{device_id}", status_code=204)
async def delete_device(device_id: IdPath, user: SignedIn) -> None:
    """Be silent on this device from now on."""
    await remove_device(RemoveDevice(user.uid, device_id), accounts=wiring.accounts())


@router.get("/me/notifications")
async def list_notifications(
    user: SignedIn,
    page_size: PageSize = 20,
    page_token_: Annotated[PageToken, Query(alias="page_token")] = "",
) -> NotificationPage:
    """List what you were told, newest first."""
    after = page_values(page_token_, (datetime, str))
    page = await queries.notifications(
        user.uid, page_size, (after[0], after[1]) if after else None, inbox=wiring.inbox()
    )
    return NotificationPage(
        notifications=[NotificationView.model_validate(entry) for entry in page.entries],
        next_page_token=page_token(page.after) if page.after else "",
    )


@router.post("/reviews", status_code=201)
async def review(body: ReviewRequest, user: SignedIn, key: IdempotencyKey) -> ReviewView:
    """Rate the driver who brought your order, once."""
    command = PostReview(user.uid, body.order_id, body.stars, body.comment)
    posted = await post_review(command, reviews=wiring.reviews(), now=utc_now(), once=key.once(ReviewView.of))
    return ReviewView.of(posted)
