"""What people read about themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.accounts.domain import Account, account_of
from shared.kernel.actor import Principal
from shared.profiles.addresses import Address
from shared.profiles.domain import InboxEntry
from shared.profiles.ports import AddressBook, InboxReader, ProfileStore


@dataclass(frozen=True, slots=True)
class InboxPage:
    """Some notifications and where the next page begins; None after the last."""

    entries: Sequence[InboxEntry]
    after: tuple[datetime, str] | None


async def me(principal: Principal, *, accounts: ProfileStore) -> Account:
    """Return the person's account, from the token alone where nothing was saved yet."""
    return account_of(principal, await accounts.find(principal.uid))


async def notifications(
    uid: str, limit: int, after: tuple[datetime, str] | None, *, inbox: InboxReader
) -> InboxPage:
    """Return the person's notifications, newest first; one more is read to know whether a page follows."""
    found = await inbox.newest(uid, limit + 1, after)
    page = found[:limit]
    more = len(found) > limit
    return InboxPage(page, (page[-1].at, page[-1].id) if more else None)


async def addresses_of(uid: str, *, book: AddressBook) -> Sequence[tuple[Account, Address]]:
    """Return the person's addresses, the oldest first, with the account that names the default."""
    account, addresses = await book.of(uid)
    return [(account, address) for address in addresses] if account else []
