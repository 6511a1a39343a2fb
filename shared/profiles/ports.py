"""What the profiles context needs from outside."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol, TypeVar

from shared.kernel.access import AccountStatus
from shared.kernel.actor import Principal
from shared.kernel.decision import Decision
from shared.kernel.errors import Unavailable
from shared.kernel.idempotency import IdempotentRequest
from shared.profiles.addresses import Address, AddressChange, MapMatch
from shared.profiles.devices import DeviceChange
from shared.profiles.domain import InboxEntry, Profile

R = TypeVar("R")


class MapUnavailable(Unavailable):
    """The geocoding API does not answer."""

    code = "MAP_UNAVAILABLE"
    detail = "The geocoding service does not answer. Try again, or send the coordinates."


class ProfileStore(Protocol):
    """Users' profiles."""

    async def change(self, uid: str, decide: Callable[[Profile | None], Decision[Profile, R]]) -> R:
        """Store the profile that `decide` returns, if it differs; `decide` may run again."""
        ...


class DeviceStore(Protocol):
    """Users' devices, each listed in the profile of the one user that its pushes are for."""

    async def register(
        self,
        person: Principal,
        device_id: str,
        decide: Callable[[Profile | None, AccountStatus], Decision[DeviceChange, R]],
    ) -> R:
        """Store the profile and the registered device together, and remove the device from any other user.

        A sign-out at the same moment comes before or after: `decide` runs again after it.
        """
        ...

    async def remove(
        self, uid: str, device_id: str, decide: Callable[[Profile | None], Decision[DeviceChange, R]]
    ) -> R:
        """Store the profile and delete the device together."""
        ...


class AddressStore(Protocol):
    """Users' addresses."""

    async def profile_and_addresses(self, uid: str) -> tuple[Profile | None, Sequence[Address]]:
        """Return the profile and its addresses, the oldest first."""
        ...

    async def change(
        self,
        uid: str,
        address_id: str,
        decide: Callable[[Profile | None, Address | None], Decision[AddressChange, R]],
        idempotency: IdempotentRequest | None = None,
    ) -> R:
        """Store the profile and the address that was added, changed or removed, together."""
        ...


class Geocoder(Protocol):
    """Finds places by their addresses."""

    async def locate(self, address: str) -> MapMatch | None:
        """Return the best match of an address; None for an unknown address. Raises `Unavailable`.

        Each call may cost money: ask only for a request that can succeed.
        """
        ...


class Inbox(Protocol):
    """The notifications of a user."""

    async def unread(self, uid: str) -> int:
        """Return how many notifications the user has not read, counted up to a limit."""
        ...

    async def mark_read(self, uid: str, notification_id: str) -> InboxEntry | None:
        """Mark one notification as read and return it; None for an unknown one. Raises `Unavailable`."""
        ...

    async def mark_some_read(self, uid: str) -> int:
        """Mark a batch of unread notifications as read; return their number, 0 when none is left.

        Raises `Unavailable`.
        """
        ...

    async def newest(self, uid: str, limit: int, after: tuple[datetime, str] | None) -> Sequence[InboxEntry]:
        """Return up to `limit` entries, newest first, those older than `after` (time and id) where given."""
        ...
