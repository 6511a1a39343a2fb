"""What the profiles context needs from outside."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from shared.accounts.domain import Account
from shared.kernel.idempotency import IdempotentRequest
from shared.profiles.addresses import Address, Location, Placed
from shared.profiles.devices import DevicesChanged
from shared.profiles.domain import InboxEntry


class ProfileStore(Protocol):
    """People's own documents and their devices."""

    async def find(self, uid: str) -> Account | None:
        """Return the account; None for a person who never saved anything."""
        ...

    async def change(self, uid: str, decide: Callable[[Account | None], Account]) -> Account:
        """Store what `decide` makes of the account, and return it; `decide` may run again."""
        ...

    async def change_devices(
        self, uid: str, device_id: str, decide: Callable[[Account | None], DevicesChanged]
    ) -> DevicesChanged:
        """Store the account and the one device that came or went, together.

        A device that comes leaves whatever account it was on: a phone rings for one person at most.
        """
        ...


class AddressBook(Protocol):
    """People's addresses."""

    async def of(self, uid: str) -> tuple[Account | None, Sequence[Address]]:
        """Return the account and its addresses, the oldest first."""
        ...

    async def change(
        self,
        uid: str,
        address_id: str,
        decide: Callable[[Account | None, Address | None], Placed],
        idempotency: IdempotentRequest | None = None,
    ) -> Placed:
        """Store the account and the address that came, changed or went, together."""
        ...


class Geocoder(Protocol):
    """Finds places by their addresses."""

    async def locate(self, address: str) -> Location | None:
        """Return where an address is; None where no place is known by it. Raises `Unavailable`."""
        ...


class InboxReader(Protocol):
    """The notifications that a person got."""

    async def newest(self, uid: str, limit: int, after: tuple[datetime, str] | None) -> Sequence[InboxEntry]:
        """Return up to `limit` entries, newest first, those older than `after` (time and id) where given."""
        ...
