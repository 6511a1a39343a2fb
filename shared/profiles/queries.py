"""What users read of their inbox and address book."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.profiles.addresses import ListedAddress
from shared.profiles.domain import InboxEntry
from shared.profiles.ports import AddressStore, Inbox


@dataclass(frozen=True, slots=True)
class InboxPage:
    """Some notifications, and the position after them; None on the last page."""

    entries: Sequence[InboxEntry]
    after: tuple[datetime, str] | None
    unread: int


async def notifications(
    uid: str, limit: int, after: tuple[datetime, str] | None, *, inbox: Inbox
) -> InboxPage:
    """Return the user's notifications, newest first; one more is read to know whether a page follows."""
    found = await inbox.newest(uid, limit + 1, after)
    page = found[:limit]
    more = len(found) > limit
    return InboxPage(page, (page[-1].at, page[-1].id) if more else None, await inbox.unread(uid))


async def addresses_of(uid: str, *, addresses: AddressStore) -> Sequence[ListedAddress]:
    """Return the user's addresses, the oldest first."""
    profile, found = await addresses.profile_and_addresses(uid)
    default = profile.default_address if profile else ""
    return [ListedAddress(address, address.id == default) for address in found]
