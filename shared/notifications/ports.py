"""What notifications need from outside."""

from __future__ import annotations

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
        """Return the person's language and push tokens; no tokens for someone unknown."""
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

    async def has(self, uid: str, notification_id: str) -> bool:
        """Say whether the person has been told."""
        ...

    async def add(self, uid: str, note: Notification) -> None:
        """Store the notification; it is no error when another did so before."""
        ...
