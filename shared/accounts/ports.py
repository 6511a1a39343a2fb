"""What the accounts context needs from outside."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from shared.accounts.domain import (
    Account,
    DevicesChanged,
    InboxEntry,
    Principal,
    Review,
    ReviewableOrder,
)
from shared.accounts.events import ReviewPosted
from shared.kernel.actor import Role
from shared.kernel.once import Once


class TokenVerifier(Protocol):
    """Checks ID tokens."""

    async def verify(self, token: str) -> Principal:
        """Return whose token it is.

        Raises `Unauthenticated` when it is forged, expired or meant for someone else, and
        `Unavailable` when the signing keys cannot be had.
        """
        ...


class RoleBook(Protocol):
    """The roles that were granted; read from a document, not from the token, so that a grant that
    was taken back ends at once."""

    async def roles_of(self, uid: str) -> frozenset[Role]:
        """Return the granted roles; empty for an unknown person."""
        ...


class AccountStore(Protocol):
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
        """Store the account and the one device that came or went, together."""
        ...


class InboxReader(Protocol):
    """The notifications that a person got."""

    async def newest(self, uid: str, limit: int, after: tuple[datetime, str] | None) -> Sequence[InboxEntry]:
        """Return up to `limit` entries, newest first, those older than `after` (time and id) where given."""
        ...


PostReview = Callable[[ReviewableOrder | None, Review | None], tuple[Review, Sequence[ReviewPosted]]]


class ReviewStore(Protocol):
    """What people wrote about one another."""

    async def post(self, order_id: str, review_id: str, decide: PostReview, once: Once | None) -> Review:
        """Store the review that `decide` makes of the order and the review that already stands there."""
        ...
