"""Firestore in memory behind the wire; the invariants see each commit as a whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from shared.adapters.firestore.database import CommitUnknown, Query, Snapshot, Write
from shared.kernel.clock import Clock
from shared.kernel.errors import Unavailable
from tests.fakes.database import MemoryDatabase, matcher
from tests.simulation.ports.wire import Wire
from tests.simulation.process import current_process

Document = Mapping[str, Any]
Touched = Mapping[str, tuple[Document | None, Document | None]]
"""By path: the document before and after."""


class Store(MemoryDatabase):
    """Shares the documents with its readers without copies, because no reader changes them in place."""

    def __init__(self, clock: Clock | None = None) -> None:
        super().__init__(clock)
        self.kinds: dict[str, dict[str, dict[str, Any]]] = {}
        self._poison: dict[str, dict[str, dict[str, Document]]] = {}
        """Unreadable documents by collection and shape: queries find them, and nobody else looks at them."""

    def of(self, collection: str) -> Mapping[str, Document]:
        """Return the documents of a collection by id, as a listener would see them."""
        return self.kinds.get(collection, {})

    def plant(self, path: str, data: Document) -> None:
        """Store a document without preconditions."""
        self._apply(Write("set", path, data), self._stamp())

    def poison(self, collection: str, name: str, data: Document, shape: str) -> None:
        """Store a document that no code can read; those of a shape differ in their `id` alone."""
        self.docs[f"{collection}/{name}"] = (dict(data), self._stamp())
        self._poison.setdefault(collection, {}).setdefault(shape, {})[name] = data

    def amend(self, path: str, **fields: Any) -> None:
        """Change some fields of a document if it is there, as an operator does by hand."""
        if path in self.docs:
            self.plant(path, {**self.docs[path][0], **fields})

    def snapshot(self, path: str) -> Snapshot:
        """Return a document as it is read."""
        data, stamp = self.docs.get(path, (None, None))
        return Snapshot(path, data, stamp, self.clock() if self.clock else None)

    def _apply(self, write: Write, stamp: datetime) -> None:
        collection, _, name = write.path.rpartition("/")
        kind = self.kinds.setdefault(collection, {})
        if write.operation == "delete":
            self.docs.pop(write.path, None)
            kind.pop(name, None)
            for alike in self._poison.get(collection, {}).values():
                alike.pop(name, None)
            return
        stored = self.docs.get(write.path)
        fresh = dict(write.data or {})
        if write.operation == "update" and stored:
            fresh = {**stored[0], **fresh}
        self.docs[write.path] = (fresh, stored[1] if stored and stored[0] == fresh else stamp)
        kind[name] = fresh

    def _matching(self, query: Query) -> Iterable[tuple[str, Document]]:
        """Look at the one collection only, and at one unreadable document for all that are like it."""
        if query.group:
            return super()._matching(query)
        matches, prefix = matcher(query), f"{query.collection}/"
        found = [(prefix + name, data) for name, data in self.of(query.collection).items() if matches(data)]
        for alike in self._poison.get(query.collection, {}).values():
            if alike and matches(next(iter(alike.values()))):
                found += [(prefix + name, data) for name, data in alike.items()]
        return found


class SimulatedDatabase:
    """See `Database`."""

    def __init__(self, wire: Wire, store: Store, watch: Callable[[Touched, Sequence[Write]], None]) -> None:
        self.down = False
        self.store = store
        self._wire = wire
        self._watch = watch

    async def ping(self) -> None:
        await self.get_all(["health/ping"])

    async def get_all(self, paths: Sequence[str]) -> dict[str, Snapshot]:
        return await self._wire.read("database.get_all", lambda: self._read(paths), Unavailable)

    async def query(self, query: Query) -> list[Snapshot]:
        return await self._wire.read("database.query", lambda: self._found(query), Unavailable)

    async def count(self, query: Query) -> int:
        return len(await self.query(query))

    async def commit(self, writes: Sequence[Write]) -> None:
        deletes = all(write.operation == "delete" for write in writes)
        operation = "database.delete" if deletes else "database.commit"
        await self._wire.write(operation, lambda: self._applied(writes), lambda: CommitUnknown("no answer"))

    async def _read(self, paths: Sequence[str]) -> dict[str, Snapshot]:
        if self.down:
            raise Unavailable
        docs = await self.store.get_all(paths)
        current_process.get().look({path: doc.data for path, doc in docs.items()})
        return docs

    async def _found(self, query: Query) -> list[Snapshot]:
        if self.down:
            raise Unavailable
        return await self.store.query(query)

    async def _applied(self, writes: Sequence[Write]) -> None:
        if self.down:
            raise CommitUnknown("no answer")
        before = {write.path: self._data(write.path) for write in writes}
        await self.store.commit(writes)
        self.store.commits.clear()
        sound = [write for write in writes if not _is_poison(write.path)]
        touched = {write.path: (before[write.path], self._data(write.path)) for write in sound}
        process = current_process.get()
        process.changed += [path for path in touched if not path.startswith(("outbox/", "idempotency/"))]
        self._watch(touched, sound)

    def _data(self, path: str) -> Document | None:
        return self.store.docs.get(path, (None,))[0]


def _is_poison(path: str) -> bool:
    return path.rpartition("/")[2].startswith("poison-")
