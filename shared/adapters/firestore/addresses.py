"""Addresses in Firestore: `users/{uid}/addresses/{id}`, listed in the profile `users/{uid}`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from shared.adapters.firestore.change import Docs, DocumentStore, Writes
from shared.adapters.firestore.codec import Collection, DocumentWrite
from shared.adapters.firestore.profiles import PROFILES, profile_in, saved_profile
from shared.kernel.decision import Decision
from shared.kernel.idempotency import IdempotentRequest
from shared.profiles.addresses import Address, AddressChange
from shared.profiles.domain import Profile

R = TypeVar("R")


class FirestoreAddresses:
    """`AddressStore`. The profile lists its addresses, which bounds their number and needs no query."""

    def __init__(self, store: DocumentStore) -> None:
        self._store = store

    async def profile_and_addresses(self, uid: str) -> tuple[Profile | None, Sequence[Address]]:
        """See `AddressStore.of`; an address that was removed between the two reads is left out."""
        database, collection = self._store.database, _addresses(uid)
        profile = profile_in(await database.get_all([PROFILES.path(uid)]), uid)
        if profile is None or not profile.addresses:
            return profile, ()
        docs = await database.get_all([collection.path(id_) for id_ in profile.addresses])
        found = (collection.find(docs, id_) for id_ in profile.addresses)
        return profile, tuple(address for address in found if address)

    async def change(
        self,
        uid: str,
        address_id: str,
        decide: Callable[[Profile | None, Address | None], Decision[AddressChange, R]],
        idempotency: IdempotentRequest | None = None,
    ) -> R:
        """See `AddressStore.change`. Each change writes the profile, which puts concurrent changes of one
        address book in order."""
        collection = _addresses(uid)

        def decide_docs(docs: Docs) -> Decision[Writes, R]:
            before = collection.find(docs, address_id)
            decision = decide(profile_in(docs, uid), before)
            change = decision.state
            writes: list[DocumentWrite] = [saved_profile(docs, change.profile)]
            if change.address is None:
                writes.append(collection.delete(address_id))
            elif before is None:
                writes.append(collection.create(address_id, change.address))
            else:
                writes.append(collection.update(address_id, before, change.address))
            return Decision(writes, decision.events, decision.result)

        return await self._store.change(
            [PROFILES.path(uid), collection.path(address_id)], decide_docs, idempotency
        )


def _addresses(uid: str) -> Collection[Address]:
    return Collection(f"users/{uid}/addresses", Address)
