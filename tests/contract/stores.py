"""What the suites of the stores share: the ground under a store, and someone who is always quicker."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from shared.adapters.firestore.change import DocumentStore
from shared.adapters.firestore.codec import to_document
from shared.adapters.firestore.database import Database, Query, Snapshot, Write
from shared.kernel.idempotency import IdempotentRequest
from tests.builders import NOW
from tests.fakes.bus import MemoryBus


class Overtaken:
    """A database on which a concurrent change wins once over the next commit."""

    def __init__(self, inner: Database) -> None:
        self._inner = inner
        self._first: list[Write] = []

    def overtake(self, path: str, **fields: Any) -> None:
        """Let these fields of a document change just before the next commit."""
        self._first.append(Write("update", path, fields))

    async def ping(self) -> None:
        await self._inner.ping()

    async def get_all(self, paths: Sequence[str]) -> dict[str, Snapshot]:
        return await self._inner.get_all(paths)

    async def query(self, query: Query) -> list[Snapshot]:
        return await self._inner.query(query)

    async def count(self, query: Query) -> int:
        return await self._inner.count(query)

    async def commit(self, writes: Sequence[Write]) -> None:
        if self._first:
            first, self._first = self._first, []
            await self._inner.commit(first)
        await self._inner.commit(writes)


@dataclass
class Ground:
    """The database and document store under a store; the clock stays at `NOW`."""

    inner: Database
    bus: MemoryBus = field(default_factory=MemoryBus)

    def __post_init__(self) -> None:
        self.database = Overtaken(self.inner)
        self.documents = DocumentStore(self.database, self.bus, clock=lambda: NOW, pause=_no_pause)

    async def put(self, path: str, thing: Any, **fields: Any) -> None:
        """Store a document, whole; `fields` are what the object does not know."""
        data = thing if isinstance(thing, dict) else to_document(thing)
        await self.inner.commit([Write("set", path, {**data, **fields})])

    async def data(self, path: str) -> dict[str, Any] | None:
        """Return a document's fields without the marks of the machinery, or None."""
        data = (await self.inner.get_all([path]))[path].data
        return None if data is None else {key: value for key, value in data.items() if key != "_changes"}

    async def ids(self, collection: str) -> list[str]:
        """Return the ids of all documents of a collection."""
        return sorted(found.id for found in await self.inner.query(Query(collection)))

    async def timeline(self, order_id: str) -> list[str]:
        """Return the names of what happened to an order."""
        return [entry["type"] for entry in (await self.data(f"orders/{order_id}") or {})["timeline"]]


def idempotency(answer: Callable[[Any], dict[str, Any]], body: str = "body") -> IdempotentRequest:
    """Return the one request of a test, under the same key whatever its body."""
    return IdempotentRequest("idm_1", body, answer)


async def _no_pause(_: int) -> None:
    await asyncio.sleep(0)
