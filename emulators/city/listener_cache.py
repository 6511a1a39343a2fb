"""Cache the documents of a listener, and wait until one of them meets a condition."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from emulators.listeners import Change, Watch

Document = Mapping[str, Any]
Predicate = Callable[[Document | None], bool]


class ListenerCache:
    """The current documents of one query with a listener, by id."""

    def __init__(self, watch: Watch) -> None:
        self.documents: dict[str, Document] = {}
        self._watch = watch
        self._waiters: list[tuple[str, Predicate, asyncio.Future[Document | None]]] = []

    async def ready(self) -> None:
        """Return when the listener has delivered its first result."""
        await self._watch.ready()

    async def follow(self, on_change: Callable[[Change], None] | None = None) -> None:
        """Apply the changes of the listener until cancelled. Raises `ListenerError` when it fails."""
        async for change in self._watch:
            if change.type == "removed":
                self.documents.pop(change.id, None)
            else:
                self.documents[change.id] = change.data
            self._resolve(change.id)
            if on_change is not None:
                on_change(change)

    async def until(self, id: str, predicate: Predicate) -> Document | None:  # noqa: A002 - the document's id
        """Return the document as soon as the predicate is true; None means that it does not exist."""
        document = self.documents.get(id)
        if predicate(document):
            return document
        future: asyncio.Future[Document | None] = asyncio.get_running_loop().create_future()
        self._waiters.append((id, predicate, future))
        return await future

    def _resolve(self, id: str) -> None:  # noqa: A002
        document, pending = self.documents.get(id), []
        for waited_id, predicate, future in self._waiters:
            if future.done():  # the waiter was cancelled
                continue
            if waited_id == id and predicate(document):
                future.set_result(document)
            else:
                pending.append((waited_id, predicate, future))
        self._waiters = pending
