"""The staff of merchants in Firestore: one document `merchants/{id}/staff/{uid}` for each member.

No other document holds a list of members; every context reads these at the moment of access (ADR 0009).
"""

from __future__ import annotations

from collections.abc import Sequence

from shared.adapters.firestore.codec import Collection
from shared.adapters.firestore.copies import CopiedDocuments, stored_staff
from shared.adapters.firestore.database import Database, Query
from shared.adapters.firestore.read_set import Docs, NotRead
from shared.catalogue.membership import Membership, StaffRole

MAX_MEMBERSHIPS = 10
"""The memberships of one person that a list follows, the oldest first."""


def staff_of(merchant_id: str) -> Collection[Membership]:
    """Return the collection of a merchant's staff."""
    return Collection(f"merchants/{merchant_id}/staff", Membership)


def is_member(docs: Docs, merchant_id: str, uid: str) -> bool:
    """Return whether a person belongs to the staff of a merchant, from the documents of a decision.

    A membership that was not read is read first (see `read_set`).
    """
    path = staff_of(merchant_id).path(uid)
    if merchant_id and path not in docs:
        raise NotRead([path], unchanged=True)
    return bool(merchant_id) and docs[path].data is not None


async def members_of(database: Database, merchant_id: str) -> list[Membership]:
    """Return the staff of a merchant: the owner, then the longest membership first."""
    collection = staff_of(merchant_id)
    found = collection.readable(await stored_staff(database, merchant_id))
    return sorted(found, key=lambda member: (member.role is not StaffRole.OWNER, member.since, member.uid))


async def memberships_of(database: Database, uid: str) -> list[Membership]:
    """Return the memberships of a person, the oldest first, at most `MAX_MEMBERSHIPS`.

    Collection-group index (uid, since).
    """
    query = Query(
        "staff", where=(("uid", "==", uid),), order_by=("since",), limit=MAX_MEMBERSHIPS, group=True
    )
    return Collection("staff", Membership).readable(await database.query(query))


class FirestoreMemberships:
    """The memberships as the other contexts read them."""

    def __init__(self, database: Database, copies: CopiedDocuments | None = None) -> None:
        self._database, self._copies = database, copies

    async def members(self, merchant_id: str) -> Sequence[str]:
        """Return the uids of a merchant's staff."""
        if self._copies:
            return await self._copies.members(merchant_id)
        return [member.uid for member in await members_of(self._database, merchant_id)]

    async def is_member(self, merchant_id: str, uid: str) -> bool:
        """Return whether a person belongs to the staff of a merchant."""
        path = staff_of(merchant_id).path(uid)
        return (await self._database.get_all([path]))[path].data is not None

    async def merchants_of(self, uid: str) -> Sequence[str]:
        """Return the ids of the merchants to whose staff a person belongs, the oldest membership first."""
        return [one.merchant_id for one in await memberships_of(self._database, uid)]
