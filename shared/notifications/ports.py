"""Ports of notifications."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Entry:
    """A notification in an inbox: whether it was pushed, and if not to all devices, the ones it reached."""

    pushed: bool
    reached: frozenset[str] = frozenset()


class Inbox(Protocol):
    """The stored notifications of users. Each method raises `Unavailable`."""

    async def entries(self, event_id: str) -> Mapping[str, Entry]:
        """Return the notifications of an event that are stored, of all recipients, by id."""
        ...

    async def keep(self, uid: str, note: Notification) -> None:
        """Store the notification, and that it was pushed where it was, or which devices it reached.

        One that was stored before changes in nothing else.
        """
        ...
