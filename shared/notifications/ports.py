"""What notifications need from outside."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Protocol

from shared.notifications.domain import Notification, PushMessage, Reach


class Receipt(StrEnum):
    """What became of a push."""

    DELIVERED = "delivered"
    DEAD_TOKEN = "dead_token"  # noqa: S105 - an outcome, no secret


class Devices(Protocol):
    """The phones and browsers of people."""

    async def reach(self, uid: str) -> Reach:
        """Return the person's language and push tokens and what they muted; no tokens for someone unknown."""
        ...

    async def forget(self, uid: str, token: str) -> None:
        """Forget a token that is dead. One that could not be forgotten now shows itself again."""
        ...


class Push(Protocol):
    """The push service."""

    async def send(self, token: str, message: PushMessage) -> Receipt:
        """Hand the message over to one device.

        The same message id again replaces the first on the device. Raises `Unavailable` when the
        service does not take it now; then it may have been delivered all the same.
        """
        ...


class Inbox(Protocol):
    """What people were told, by person."""

    async def record(self, uid: str, note: Notification) -> bool:
        """Keep the notification, once for ever, and say whether its push is still to come.

        One that was kept before stays as it is. Raises `Unavailable` when it may not have been kept.
        """
        ...

    async def mark_pushed(self, uid: str, notification_id: str, at: datetime) -> None:
        """Note that the push went out, so that no further delivery of the event pushes again.

        Raises `Unavailable` when that may not have been noted.
        """
        ...
