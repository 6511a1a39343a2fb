"""The routes by which users mark their notifications as read."""

from __future__ import annotations

from typing import Annotated

from functions.profiles_api.schemas import MarkedReadView, NotificationView
from shared.composition.profiles import ProfilesPorts
from shared.edge.app import api_router
from shared.edge.auth import ActiveUser
from shared.edge.provided import PORTS
from shared.edge.refusals import refuses
from shared.edge.schemas import IdPath
from shared.profiles.inbox import NotificationNotFound
from shared.profiles.usecases.mark_read import MarkRead, mark_all_read, mark_read

Ports = Annotated[ProfilesPorts, PORTS]

inbox = api_router("/api/v1/me/notifications", tags=["profile"])


@inbox.post("/read", operation_id="markAllNotificationsRead")
async def read_all(user: ActiveUser, ports: Ports) -> MarkedReadView:
    """Mark all your notifications as read.

    To repeat it marks nothing.
    """
    return MarkedReadView(marked=await mark_all_read(user.uid, inbox=ports.inbox))


@inbox.post("/{notification_id}/read", operation_id="markNotificationRead")
@refuses(NotificationNotFound)
async def read_one(notification_id: IdPath, user: ActiveUser, ports: Ports) -> NotificationView:
    """Mark one of your notifications as read.

    To repeat it changes nothing.
    """
    found = await mark_read(MarkRead(user.uid, notification_id), inbox=ports.inbox)
    return NotificationView.model_validate(found)
