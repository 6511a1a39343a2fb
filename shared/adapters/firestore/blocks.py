"""Blocks in Firestore: `users/{uid}/blocks/{other}`; the matching reads `users/{uid}.not_matched`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime

from shared.adapters.firestore.change import Docs, DocumentStore, Writes
from shared.adapters.firestore.codec import Collection, DocumentWrite
from shared.adapters.firestore.database import Operator, Query
from shared.adapters.firestore.reviews import PEOPLE, person_in, saved
from shared.kernel.decision import Decision
from shared.reviews.blocks import Block, Pair
from shared.reviews.domain import Person

CUSTOMER: tuple[str, Operator] = ("customer_id", "==")
DRIVER: tuple[str, Operator] = ("assignment.driver_id", "==")
STAFF: tuple[str, Operator] = ("merchant_staff", "array-contains")
MEETINGS = ((CUSTOMER, DRIVER), (CUSTOMER, STAFF), (DRIVER, STAFF))
"""In which roles two people meet on an order."""


class FirestoreBlocks:
    """`BlockBook`."""

    def __init__(self, store: DocumentStore) -> None:
        self._store = store

    async def have_met(self, uid: str, other: str) -> bool:
        """See `BlockBook.have_met`; one order in any pair of roles is enough."""
        people = ((uid, other), (other, uid))
        asked = (self._met(roles, pair) for roles in MEETINGS for pair in people)
        return any(await asyncio.gather(*asked))

    async def of(self, uid: str, limit: int, after: tuple[datetime, str] | None) -> Sequence[Block]:
        """See `BlockBook.of`, index (at descending, uid descending)."""
        collection = _blocks(uid)
        query = Query(collection.name, order_by=("-at", "-uid"), limit=limit, start_after=after or ())
        return collection.readable(await self._store.database.query(query))

    async def change(self, uid: str, other: str, decide: Callable[[Pair], Pair]) -> Pair:
        """See `BlockBook.change`. Whoever changes a block has their account written with it: where the
        other's block goes on, nothing else would be left to tell after a lost answer."""

        def decide_docs(docs: Docs) -> Decision[Writes, Pair]:
            pair = Pair(
                person_in(docs, uid) or Person(uid),
                person_in(docs, other) or Person(other),
                _blocks(uid).find(docs, other),
                _blocks(other).find(docs, uid),
            )
            after = decide(pair)
            writes: list[DocumentWrite] = []
            if after.mine != pair.mine or after.my_block != pair.my_block:  # mutant: block-without-trace
                writes.append(saved(docs, after.mine))
            if after.theirs != pair.theirs:
                writes.append(saved(docs, after.theirs))
            if after.my_block is None:
                writes.append(_blocks(uid).delete(other))
            elif pair.my_block is None:
                writes.append(_blocks(uid).create(other, after.my_block))
            return Decision(writes, [], after)

        paths = [PEOPLE.path(uid), PEOPLE.path(other), _blocks(uid).path(other), _blocks(other).path(uid)]
        return await self._store.change(paths, decide_docs)

    async def _met(
        self, roles: tuple[tuple[str, Operator], tuple[str, Operator]], people: tuple[str, str]
    ) -> bool:
        where = tuple((field, operator, uid) for (field, operator), uid in zip(roles, people, strict=True))
        return bool(await self._store.database.query(Query("orders", where=where, limit=1)))


def _blocks(uid: str) -> Collection[Block]:
    return Collection(f"users/{uid}/blocks", Block)
