"""Count the operations that Firestore would bill, as they pass from the functions to the emulator.

Counted are documents read (found or missing, and one for an empty query result), documents written and
documents deleted.
"""

from __future__ import annotations

import asyncio
from collections import Counter

from google.cloud.firestore_v1.types import firestore

from emulators.firestore_proxy import FirestoreProxy

EMPTY_QUERY = "(empty query)"
"""What a query that finds nothing is counted as, followed by its collection: it costs one read."""


class CommitHold:
    """Holds back the commits that delete below `collection`, as if the network had lost them."""

    def __init__(self, collection: str) -> None:
        self._path = f"/documents/{collection}/"
        self.reached = asyncio.Event()
        self._open = asyncio.Event()

    def open(self) -> None:
        """Let later commits pass; a commit that was held back stays lost."""
        self._open.set()

    def holds(self, method: str, request: bytes) -> bool:
        """Return whether to hold back this request, and set `reached` if so."""
        if method != "Commit" or self._open.is_set():
            return False
        writes = firestore.CommitRequest.deserialize(request).writes
        held = any(self._path in write.delete for write in writes)
        if held:
            self.reached.set()
        return held

    async def opened(self) -> None:
        """Return after `open` was called."""
        await self._open.wait()


class FirestoreMeter(FirestoreProxy):
    """A proxy that counts, and holds back commits when told to."""

    def __init__(self, port: int) -> None:
        super().__init__(port)
        self.counts: Counter[str] = Counter()
        self.by_document: Counter[str] = Counter()
        self.hold: CommitHold | None = None

    async def passes(self, method: str, request: bytes) -> bool:
        """Count the writes of a commit that is not held back."""
        if self.hold and self.hold.holds(method, request):
            await self.hold.opened()
            return False
        if method == "Commit":
            for write in firestore.CommitRequest.deserialize(request).writes:
                kind = "deletes" if write.delete else "writes"
                self._count(kind, write.delete or write.update.name)
        return True

    def saw_response(self, method: str, request: bytes, response: bytes, first: bool) -> None:
        """Count the documents of an answer."""
        if method == "BatchGetDocuments":
            answer = firestore.BatchGetDocumentsResponse.deserialize(response)
            if name := answer.found.name or answer.missing:
                self._count("reads", name)
        elif method == "RunQuery":
            document = firestore.RunQueryResponse.deserialize(response).document
            if document.name or first:
                self._count("reads", document.name or f"{EMPTY_QUERY} of {_collection(request)}")

    def _count(self, kind: str, name: str) -> None:
        self.counts[kind] += 1
        path = name.split("/documents/")[-1].split("/")
        self.by_document[f"{kind} {'/'.join(path[::2])}"] += 1


def _collection(request: bytes) -> str:
    """Return the collection that a query asks."""
    sources = firestore.RunQueryRequest.deserialize(request).structured_query.from_
    return str(sources[0].collection_id) if sources else ""
