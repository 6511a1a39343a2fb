"""Address books in Firestore: `users/{uid}/addresses/{id}`; which there are, `users/{uid}` says."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from shared.accounts.domain import Account
from shared.adapters.firestore.accounts import ACCOUNTS, account_in, saved
from shared.adapters.firestore.change import Commit, Docs, DocumentStore
from shared.adapters.firestore.codec import Change, Insert, Kind, Removal
from shared.kernel.once import Once
from shared.profiles.addresses import Address, Placed


class FirestoreAddresses:
    """`AddressBook`. The account lists its addresses, which bounds their number and needs no query."""

    def __init__(self, store: DocumentStore) -> None:
        self._store = store

    async def of(self, uid: str) -> tuple[Account | None, Sequence[Address]]:
        """See `AddressBook.of`; one that went between the two reads is left out."""
        database, kind = self._store.database, _addresses(uid)
        account = account_in(await database.get_all([ACCOUNTS.path(uid)]), uid)
        if account is None or not account.addresses:
            return account, ()
        docs = await database.get_all([kind.path(id_) for id_ in account.addresses])
        found = (kind.find(docs, id_) for id_ in account.addresses)
        return account, tuple(address for address in found if address)

    async def change(
        self,
        uid: str,
        address_id: str,
        decide: Callable[[Account | None, Address | None], Placed],
        once: Once | None = None,
    ) -> Placed:
        """See `AddressBook.change`. The account is written each time, which puts simultaneous changes
        of one address book in order."""
        kind = _addresses(uid)

        def decide_docs(docs: Docs) -> Commit[Placed]:
            before = kind.find(docs, address_id)
            placed = decide(account_in(docs, uid), before)
            writes: list[Insert | Change | Removal] = [saved(docs, uid, placed.account)]
            if placed.address is None:
                writes.append(Removal(kind.path(address_id)))
            elif before is None:
                writes.append(kind.insert(address_id, placed.address))
            else:
                writes.append(kind.update(address_id, before, placed.address))
            return Commit(writes, [], placed)

        return await self._store.change([ACCOUNTS.path(uid), kind.path(address_id)], decide_docs, once)


def _addresses(uid: str) -> Kind[Address]:
    return Kind(f"users/{uid}/addresses", Address)
