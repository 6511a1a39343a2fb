"""The staff of merchants as the catalogue changes it, in Firestore."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from shared.adapters.firestore.change import Docs, DocumentStore, Writes
from shared.adapters.firestore.codec import Collection, DocumentWrite
from shared.adapters.firestore.memberships import members_of, staff_of
from shared.catalogue.access import MerchantAccess
from shared.catalogue.domain import Merchant
from shared.catalogue.membership import Membership
from shared.catalogue.staff import StaffDecision
from shared.kernel.decision import Decision

MERCHANTS = Collection("merchants", Merchant)


def access_paths(merchant_id: str, uid: str) -> list[str]:
    """Return the paths of a merchant and of a person's membership in its staff."""
    return [MERCHANTS.path(merchant_id), staff_of(merchant_id).path(uid)]


def access_in(docs: Docs, merchant_id: str, uid: str) -> MerchantAccess:
    """Return the access of a person to a merchant, from documents that were read."""
    return MerchantAccess(MERCHANTS.find(docs, merchant_id), staff_of(merchant_id).find(docs, uid))


class FirestoreStaff:
    """`StaffStore`."""

    def __init__(self, store: DocumentStore) -> None:
        self._store = store

    async def members(self, merchant_id: str) -> Sequence[Membership]:
        """See `StaffStore.members`."""
        return await members_of(self._store.database, merchant_id)

    async def change(
        self,
        merchant_id: str,
        uid: str,
        member: str,
        decide: Callable[[MerchantAccess, Membership | None], StaffDecision],
    ) -> Merchant:
        """See `StaffStore.change`."""
        collection = staff_of(merchant_id)

        def decide_docs(docs: Docs) -> Decision[Writes, Merchant]:
            access, existing = access_in(docs, merchant_id, uid), collection.find(docs, member)
            decision = decide(access, existing)
            change = decision.state
            writes: list[DocumentWrite] = []
            if access.merchant is not None and change.merchant != access.merchant:
                writes.append(MERCHANTS.update(merchant_id, access.merchant, change.merchant))
            if existing is None and change.membership is not None:
                writes.append(collection.create(member, change.membership))
            if existing is not None and change.membership is None:
                writes.append(collection.delete(member))
            return Decision(writes, decision.events, decision.result)

        return await self._store.change(
            [*access_paths(merchant_id, uid), collection.path(member)], decide_docs
        )
