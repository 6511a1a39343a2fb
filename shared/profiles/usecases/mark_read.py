"""Mark notifications as read: one, or all."""

from __future__ import annotations

from dataclasses import dataclass

from shared.profiles.domain import InboxEntry
from shared.profiles.inbox import NotificationNotFound
from shared.profiles.ports import Inbox


@dataclass(frozen=True, slots=True)
class MarkRead:
    """The user has read one of their notifications."""

    uid: str
    notification_id: str


async def mark_read(command: MarkRead, *, inbox: Inbox) -> InboxEntry:
    """Store the mark and return the notification. To repeat it changes nothing.

    Raises `NotificationNotFound`.
    """
    found = await inbox.mark_read(command.uid, command.notification_id)
    if found is None:
        raise NotificationNotFound
    return found


async def mark_all_read(uid: str, *, inbox: Inbox) -> int:
    """Mark every notification of a user as read; return how many were unread.

    What arrives meanwhile may be marked too or stay unread.
    """
    marked = 0
    while batch := await inbox.mark_some_read(uid):
        marked += batch
    return marked
