"""Firestore `BlockStore`: `users/{uid}/blocks/{other}`; the matcher reads `users/{uid}.not_matched`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar

from shared.adapters.firestore.change import Docs, DocumentStore, Writes
from shared.adapters.firestore.codec import Collection, DocumentWrite
from shared.adapters.firestore.database import Operator, Query
from shared.adapters.firestore.reviews import PEOPLE, person_in, saved
from shared.kernel.decision import Decision
from shared.reviews.blocks import Block, Pair
from shared.reviews.domain import Person

R = TypeVar("R")
CUSTOMER: tuple[str, Operator] = ("customer_id", "==")
DRIVER: tuple[str, Operator] = ("assignment.driver_id", "==")
STAFF: tuple[str, Operator] = ("merchant_staff", "array-contains")
MEETINGS = ((CUSTOMER, DRIVER), (CUSTOMER, STAFF), (DRIVER, STAFF))
"""The pairs of roles in which two people can be parties to an order."""


class FirestoreBlocks:
    """`BlockStore`."""

    def __init__(self, store: DocumentStore) -> None:
        self._store = store

    async def have_met(self, uid: str, other: str) -> bool:
        """See `BlockStore.have_met`."""
        people = ((uid, other), (other, uid))
        queries = (self._met(roles, pair) for roles in MEETINGS for pair in people)
        return any(await asyncio.gather(*queries))

    async def of(self, uid: str, limit: int, after: tuple[datetime, str] | None) -> Sequence[Block]:
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

    async def _met(
        self, roles: tuple[tuple[str, Operator], tuple[str, Operator]], people: tuple[str, str]
    ) -> bool:
        where = tuple((field, operator, uid) for (field, operator), uid in zip(roles, people, strict=True))
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
