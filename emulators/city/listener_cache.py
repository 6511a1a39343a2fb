"""What a listener has shown so far, and a way to wait until it shows something."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from emulators.listeners import Change, Watch

Document = Mapping[str, Any]
Wish = Callable[[Document | None], bool]


class Mirror:
    """The present documents of one listened query, by id."""

    def __init__(self, watch: Watch) -> None:
        self.documents: dict[str, Document] = {}
        self._watch = watch
        self._wishes: list[tuple[str, Wish, asyncio.Future[Document | None]]] = []

    async def begun(self) -> None:
        """Return once the listener has shown what there was at first."""
        await self._watch.begun()

    async def follow(self, on_change: Callable[[Change], None] | None = None) -> None:
        """Keep up with the listener for ever. Raises `ListenerError` when it fails."""
        async for change in self._watch:
            if change.type == "removed":
                self.documents.pop(change.id, None)
            else:
                self.documents[change.id] = change.data
            self._grant(change.id)
            if on_change is not None:
                on_change(change)

    async def until(self, id: str, wish: Wish) -> Document | None:  # noqa: A002 - the document's id
        """Return the document as soon as the wish holds of it; None stands for its absence."""
        document = self.documents.get(id)
        if wish(document):
            return document
        granted: asyncio.Future[Document | None] = asyncio.get_running_loop().create_future()
        self._wishes.append((id, wish, granted))
        return await granted

    def _grant(self, id: str) -> None:  # noqa: A002
        document, kept = self.documents.get(id), []
        for wished_id, wish, granted in self._wishes:
            if granted.done():  # the one who waited has given up
                continue
            if wished_id == id and wish(document):
                granted.set_result(document)
            else:
                kept.append((wished_id, wish, granted))
        self._wishes = kept
