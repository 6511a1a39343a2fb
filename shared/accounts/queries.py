"""What people read about themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from shared.accounts.addresses import Address
from shared.accounts.domain import Account, InboxEntry, Principal, account_of
from shared.accounts.ports import (
    AccountStore,
    AddressBook,
    InboxReader,
    SecondFactorStore,
    SessionStore,
)
from shared.accounts.second_factor import SecondFactor
from shared.accounts.sessions import Session

MAX_LISTED = 100
FIRST_DAY = datetime(2020, 1, 1, tzinfo=UTC)
"""Before anybody signed in."""


@dataclass(frozen=True, slots=True)
class InboxPage:
    """Some notifications and where the next page begins; None after the last."""

    entries: Sequence[InboxEntry]
    after: tuple[datetime, str] | None


async def me(principal: Principal, *, accounts: AccountStore) -> Account:
    """Return the person's account, from the token alone where nothing was saved yet."""
    return account_of(principal, await accounts.find(principal.uid))


async def sessions_of(
    principal: Principal, *, accounts: AccountStore, sessions: SessionStore
) -> Sequence[Session]:
    """Return the person's sessions that stand, newest first, at most `MAX_LISTED`."""
    account = await accounts.find(principal.uid)
    after = account.tokens_valid_after if account else None
    return await sessions.live(principal.uid, after or FIRST_DAY, MAX_LISTED)


async def second_factor_of(principal: Principal, *, factors: SecondFactorStore) -> SecondFactor | None:
    """Return the person's second factor, if they have one, be it confirmed or not."""
    return await factors.find(principal.uid)


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
