"""Address books in Firestore: `users/{uid}/addresses/{id}`; which there are, `users/{uid}` says."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from shared.accounts.domain import Account
from shared.adapters.firestore.accounts import ACCOUNTS, account_in, saved
from shared.adapters.firestore.change import Docs, DocumentStore, Writes
from shared.adapters.firestore.codec import Collection, DocumentWrite
from shared.kernel.decision import Decision
from shared.kernel.idempotency import IdempotentRequest
from shared.profiles.addresses import Address, Placed


class FirestoreAddresses:
    """`AddressBook`. The account lists its addresses, which bounds their number and needs no query."""

    def __init__(self, store: DocumentStore) -> None:
        self._store = store

    async def of(self, uid: str) -> tuple[Account | None, Sequence[Address]]:
        """See `AddressBook.of`; one that went between the two reads is left out."""
        database, collection = self._store.database, _addresses(uid)
        account = account_in(await database.get_all([ACCOUNTS.path(uid)]), uid)
        if account is None or not account.addresses:
            return account, ()
        docs = await database.get_all([collection.path(id_) for id_ in account.addresses])
        found = (collection.find(docs, id_) for id_ in account.addresses)
        return account, tuple(address for address in found if address)

    async def change(
        self,
        uid: str,
        address_id: str,
        decide: Callable[[Account | None, Address | None], Placed],
        idempotency: IdempotentRequest | None = None,
    ) -> Placed:
        """See `AddressBook.change`. The account is written each time, which puts simultaneous changes
        of one address book in order."""
        collection = _addresses(uid)

        def decide_docs(docs: Docs) -> Decision[Writes, Placed]:
            before = collection.find(docs, address_id)
            placed = decide(account_in(docs, uid), before)
            writes: list[DocumentWrite] = [saved(docs, uid, placed.account)]
            if placed.address is None:
                writes.append(collection.delete(address_id))
            elif before is None:
                writes.append(collection.create(address_id, placed.address))
            else:
                writes.append(collection.update(address_id, before, placed.address))
            return Decision(writes, [], placed)

        return await self._store.change(
            [ACCOUNTS.path(uid), collection.path(address_id)], decide_docs, idempotency
        )


def _addresses(uid: str) -> Collection[Address]:
    return Collection(f"users/{uid}/addresses", Address)
