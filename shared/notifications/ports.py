"""Ports of notifications."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from shared.notifications.domain import ContactPoints, Notification, PushMessage


class Receipt(StrEnum):
    """The result of one push."""

    DELIVERED = "delivered"
    DEAD_TOKEN = "dead_token"  # noqa: S105 - a result, not a secret


class Devices(Protocol):
    """The devices of users."""

    async def contact_points(self, uid: str) -> ContactPoints:
        """Return language, push tokens and muted topics of the user; no tokens for an unknown user."""
        ...

    async def remove_token(self, uid: str, token: str) -> None:
        """Remove a dead token. If that fails, the next push reports the token again."""
        ...


class Memberships(Protocol):
    """The staff of merchants."""

    async def members(self, merchant_id: str) -> Sequence[str]:
        """Return the present members of a merchant's staff, by uid. Raises `Unavailable`."""
        ...


class Operators(Protocol):
    """The people of support and administration."""

    async def operators(self) -> Sequence[str]:
        """Return the present operators, by uid, up to a limit. Raises `Unavailable`."""
        ...


class Push(Protocol):
    """The push service."""

    async def send(self, token: str, message: PushMessage) -> Receipt:
        """Send the message to one device.

        A second message with the same id replaces the first on the device. Raises `Unavailable` when the
        service does not accept it now; the message may still have been delivered.
        """
        ...


class Inbox(Protocol):
    """The stored notifications of users."""

    async def record(self, uid: str, note: Notification) -> bool:
        """Store the notification and return whether its push is still to be sent.

        A notification that was stored before stays unchanged. Raises `Unavailable` when it may not have
        been stored.
        """
        ...

    async def mark_pushed(self, uid: str, notification_id: str, at: datetime) -> None:
        """Store that the push was sent, so that no further delivery of the event pushes again.

        Raises `Unavailable` when that may not have been stored.
        """
        ...
