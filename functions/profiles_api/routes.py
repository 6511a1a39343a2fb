"""The routes of `profiles_api`: parse, authorise, one use case, map the result."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import Query, Response

from functions.profiles_api.schemas import (
    DeviceRequest,
    DeviceView,
    MeView,
    NotificationPage,
    NotificationView,
    ProfileRequest,
)
from shared.composition.profiles import ProfilesPorts
from shared.edge.app import api_router
from shared.edge.auth import ActiveUser
from shared.edge.etags import IfMatchVersions, conditional, version_tag
from shared.edge.provided import PORTS, Now
from shared.edge.ratelimit import CREATING, limited
from shared.edge.refusals import refuses
from shared.edge.schemas import IdPath, PageSize, PageToken, page_token, page_values
from shared.identity.usecases.record_session import RecordSession, record_session
from shared.kernel.access import AccountDisabled
from shared.profiles import queries
from shared.profiles.devices import DeviceNotFound
from shared.profiles.preferences import ProfileChanged
from shared.profiles.usecases.edit_profile import EditProfile, edit_profile
from shared.profiles.usecases.refresh_profile import refresh_profile
from shared.profiles.usecases.register_device import RegisterDevice, register_device
from shared.profiles.usecases.remove_device import RemoveDevice, remove_device

Ports = Annotated[ProfilesPorts, PORTS]

router = api_router("/api/v1", tags=["profile"])


@router.get("/me", operation_id="getProfile")
@conditional
@refuses(AccountDisabled)
async def read_me(user: ActiveUser, response: Response, ports: Ports, now: Now) -> MeView:
    """Get your profile.

    The `ETag` names the version of the profile; send it as `If-Match` when you edit.
    """
    sign_in = await record_session(RecordSession(user), security=ports.security, now=now)
    profile = await refresh_profile(user, profiles=ports.profiles)
    response.headers["ETag"] = version_tag(profile.version)
    return MeView.of(user, sign_in.account, profile)


@router.put("/me", operation_id="updateProfile")
@refuses(AccountDisabled, ProfileChanged)
async def edit_me(
    body: ProfileRequest,
    user: ActiveUser,
    response: Response,
    seen: IfMatchVersions,
    ports: Ports,
    now: Now,
) -> MeView:
    """Update your profile.

    Fields that are not sent keep their values. With `If-Match`, an edit by another session in between is
    refused with 412.
    """
    sign_in = await record_session(RecordSession(user), security=ports.security, now=now)
    profile = await edit_profile(EditProfile(user, body.changes(), seen), profiles=ports.profiles)
    response.headers["ETag"] = version_tag(profile.version)
    return MeView.of(user, sign_in.account, profile)


@router.post("/me/devices", operation_id="registerDevice", status_code=201)
@refuses(AccountDisabled)
@limited(CREATING)
async def add_device(body: DeviceRequest, user: ActiveUser, ports: Ports, now: Now) -> DeviceView:
    """Register a device for push notifications.

    The same token again is the same device. The ten newest devices are kept.
    """
    command = RegisterDevice(user, body.token, body.platform)
    return DeviceView.of(await register_device(command, devices=ports.devices, now=now))


@router.delete("/me/devices/{device_id}", operation_id="removeDevice", status_code=204)
@refuses(DeviceNotFound)
async def delete_device(device_id: IdPath, user: ActiveUser, ports: Ports) -> None:
    """Remove a device from push notifications.

    The device gets no push from now on.
    """
    await remove_device(RemoveDevice(user.uid, device_id), devices=ports.devices)


@router.get("/me/notifications", operation_id="listNotifications")
async def list_notifications(
    user: ActiveUser,
    ports: Ports,
    page_size: PageSize = 20,
    page_token_: Annotated[PageToken, Query(alias="page_token")] = "",
) -> NotificationPage:
    """List your notifications.

    Newest first, with the unread ones of every topic, silenced topics included.
    """
    after = page_values(page_token_, (datetime, str))
    page = await queries.notifications(
        user.uid, page_size, (after[0], after[1]) if after else None, inbox=ports.inbox
    )
    return NotificationPage(
        notifications=[NotificationView.model_validate(entry) for entry in page.entries],
        next_page_token=page_token(page.after) if page.after else "",
        unread=page.unread,
    )
