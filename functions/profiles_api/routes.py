"""The routes of `profiles_api`: parse, authorise, one use case, map the result."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import Query, Response

from functions.profiles_api import wiring
from functions.profiles_api.schemas import (
    DeviceRequest,
    DeviceView,
    MeView,
    NotificationPage,
    NotificationView,
    ProfileRequest,
)
from shared.accounts.domain import Account, account_of
from shared.edge.app import api_router
from shared.edge.auth import ActiveUser, SignedInUser
from shared.edge.etags import IfMatchVersions, version_tag
from shared.edge.ratelimit import CREATING, limited
from shared.edge.schemas import IdPath, PageSize, PageToken, page_token, page_values
from shared.identity.usecases.record_session import RecordSession, record_session
from shared.kernel.actor import Principal
from shared.kernel.clock import utc_now
from shared.profiles import queries
from shared.profiles.usecases.edit_profile import EditProfile, edit_profile
from shared.profiles.usecases.register_device import RegisterDevice, register_device
from shared.profiles.usecases.remove_device import RemoveDevice, remove_device

router = api_router("/api/v1", tags=["accounts"])


async def _visit(user: Principal) -> Account:
    """Let the sign-in be one of the person's sessions from now on, and return the account."""
    visit = await record_session(RecordSession(user), sessions=wiring.sessions(), now=utc_now())
    return visit.account


@router.get("/me")
async def read_me(user: SignedInUser, response: Response) -> MeView:
    """Read what Waybill knows of you; the `ETag` names the version of your profile."""
    account = account_of(user, await _visit(user))
    response.headers["ETag"] = version_tag(account.version)
    return MeView.of(user, account)


@router.put("/me")
async def edit_me(
    body: ProfileRequest, user: SignedInUser, response: Response, seen: IfMatchVersions
) -> MeView:
    """Change your profile: what is not sent stays as it is.

    With `If-Match`, only the version that it names is changed: 412 when somebody was faster.
    """
    await _visit(user)
    command = EditProfile(user, body.changes(), seen)
    account = await edit_profile(command, accounts=wiring.accounts())
    response.headers["ETag"] = version_tag(account.version)
    return MeView.of(user, account)


@router.post("/me/devices", status_code=201)
@limited(CREATING)
async def add_device(body: DeviceRequest, user: SignedInUser) -> DeviceView:
    """Be notified on this device; the same token again is the same device. Ten are kept."""
    command = RegisterDevice(user, body.token, body.platform)
    return DeviceView.of(await register_device(command, accounts=wiring.accounts(), now=utc_now()))


@router.delete("/me/devices/{device_id}", status_code=204)
async def delete_device(device_id: IdPath, user: ActiveUser) -> None:
    """Be silent on this device from now on."""
    await remove_device(RemoveDevice(user.uid, device_id), accounts=wiring.accounts())


@router.get("/me/notifications")
async def list_notifications(
    user: ActiveUser,
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
