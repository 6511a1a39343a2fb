"""Firestore `BlockStore`: `users/{uid}/blocks/{other}`; the matcher reads `review_records/{uid}`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar

from shared.adapters.firestore.change import Docs, DocumentStore, Writes
from shared.adapters.firestore.codec import Collection, DocumentWrite
from shared.adapters.firestore.database import Operator, Query
from shared.adapters.firestore.memberships import FirestoreMemberships
from shared.adapters.firestore.reviews import PEOPLE, person_in, saved
from shared.kernel.decision import Decision
from shared.reviews.blocks import Block, Pair
from shared.reviews.domain import Person

R = TypeVar("R")
CUSTOMER, DRIVER, MERCHANT = "customer_id", "assignment.driver_id", "merchant_id"
"""The fields of an order that name its parties."""

Condition = tuple[str, Operator, str | Sequence[str]]


class FirestoreBlocks:
    """`BlockStore`."""

    def __init__(self, store: DocumentStore) -> None:
        self._store = store

    async def have_met(self, uid: str, other: str) -> bool:
        """See `BlockStore.have_met`; a person is party to the orders of the merchants they work for now."""
        shops, other_shops = await asyncio.gather(self._merchants_of(uid), self._merchants_of(other))
        queries = [
            self._exists((CUSTOMER, "==", uid), (DRIVER, "==", other)),
            self._exists((CUSTOMER, "==", other), (DRIVER, "==", uid)),
        ]
        for party, merchants in ((uid, other_shops), (other, shops)):
            if merchants:
                queries += [
                    self._exists((role, "==", party), (MERCHANT, "in", merchants))
                    for role in (CUSTOMER, DRIVER)
                ]
        return any(await asyncio.gather(*queries))

    async def blocks(self, uid: str, limit: int, after: tuple[datetime, str] | None) -> Sequence[Block]:
        """See `BlockStore.of`, index (at descending, uid descending)."""
        collection = _blocks(uid)
        query = Query(collection.name, order_by=("-at", "-uid"), limit=limit, start_after=after or ())
        return collection.readable(await self._store.database.query(query))

    async def change(self, uid: str, other: str, decide: Callable[[Pair], Decision[Pair, R]]) -> R:
        """See `BlockStore.change`.

        A changed block always writes the document of `uid` too. If the other person's block stays, no
        other write would show after a lost answer that the change was applied.
        """

        def decide_docs(docs: Docs) -> Decision[Writes, R]:
            pair = Pair(
                person_in(docs, uid) or Person(uid),
                person_in(docs, other) or Person(other),
                _blocks(uid).find(docs, other),
                _blocks(other).find(docs, uid),
            )
            decision = decide(pair)
            return Decision(_pair_writes(docs, pair, decision.state), decision.events, decision.result)

        paths = [PEOPLE.path(uid), PEOPLE.path(other), _blocks(uid).path(other), _blocks(other).path(uid)]
        return await self._store.change(paths, decide_docs)

    async def _merchants_of(self, uid: str) -> Sequence[str]:
        return await FirestoreMemberships(self._store.database).merchants_of(uid)

    async def _exists(self, *where: Condition) -> bool:
        return bool(await self._store.database.query(Query("orders", where=where, limit=1)))


def _blocks(uid: str) -> Collection[Block]:
    return Collection(f"users/{uid}/blocks", Block)


def _pair_writes(docs: Docs, before: Pair, after: Pair) -> list[DocumentWrite]:
    uid, other = before.mine.uid, before.theirs.uid
    writes: list[DocumentWrite] = []
    if after.mine != before.mine or after.my_block != before.my_block:  # mutant: block-without-trace
        writes.append(saved(docs, after.mine))
    if after.theirs != before.theirs:
        writes.append(saved(docs, after.theirs))
    if after.my_block is None:
        writes.append(_blocks(uid).delete(other))
    elif before.my_block is None:
        writes.append(_blocks(uid).create(other, after.my_block))
    return writes
