"""What people read about themselves."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from shared.accounts.addresses import Address
from shared.accounts.blocks import Block
from shared.accounts.domain import Account, InboxEntry, Principal, account_of
from shared.accounts.ports import (
    AccountStore,
    AddressBook,
    BlockBook,
    InboxReader,
    OrderCounts,
    ReviewStore,
    SecondFactorStore,
    SessionStore,
)
from shared.accounts.reviews import Review, SubjectNotFound
from shared.accounts.second_factor import SecondFactor
from shared.accounts.sessions import Session
from shared.kernel.order import Fulfilment

MAX_LISTED = 100
FIRST_DAY = datetime(2020, 1, 1, tzinfo=UTC)
"""Before anybody signed in."""


@dataclass(frozen=True, slots=True)
class InboxPage:
    """Some notifications and where the next page begins; None after the last."""

    entries: Sequence[InboxEntry]
    after: tuple[datetime, str] | None


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """Some reviews, whether they are the reader's own, and where the next page begins."""

    reviews: Sequence[Review]
    own: bool
    after: tuple[datetime, str] | None


@dataclass(frozen=True, slots=True)
class BlockPage:
    """Some blocks and where the next page begins; None after the last."""

    blocks: Sequence[Block]
    after: tuple[datetime, str] | None


@dataclass(frozen=True, slots=True)
class Statistics:
    """A person in numbers: the orders that they placed, got, saw cancelled and brought, and their ratings."""

    account: Account
    orders_placed: int
    orders_received: int
    orders_cancelled: int
    orders_carried: int


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


async def reviews_of(
    uid: str, subject: str, limit: int, after: tuple[datetime, str] | None, *, reviews: ReviewStore
) -> ReviewPage:
    """Return the reviews of the person themselves or of a merchant that they may see, newest first.

    Raises `SubjectNotFound`: what others were told about a person is nobody else's business.
    """
    own = subject == uid
    if not own:
        merchant = await reviews.merchant(subject)
        own = bool(merchant and uid in merchant.staff)
        if merchant is None or not (merchant.approved or own):
            raise SubjectNotFound
    found = await reviews.about(subject, limit + 1, after)
    page, more = found[:limit], len(found) > limit
    return ReviewPage(page, own, (page[-1].at, page[-1].id) if more else None)


async def blocks_of(
    uid: str, limit: int, after: tuple[datetime, str] | None, *, blocks: BlockBook
) -> BlockPage:
    """Return whom the person has blocked, newest first."""
    found = await blocks.of(uid, limit + 1, after)
    page, more = found[:limit], len(found) > limit
    return BlockPage(page, (page[-1].at, page[-1].uid) if more else None)


async def statistics_of(principal: Principal, *, accounts: AccountStore, orders: OrderCounts) -> Statistics:
    """Return the person's orders and ratings in numbers."""
    uid = principal.uid
    account, placed, received, cancelled, carried = await asyncio.gather(
        accounts.find(uid),
        orders.as_customer(uid),
        orders.as_customer(uid, Fulfilment.DELIVERED),
        orders.as_customer(uid, Fulfilment.CANCELLED),
        orders.as_driver(uid, Fulfilment.DELIVERED),
    )
    return Statistics(account or Account(uid), placed, received, cancelled, carried)
