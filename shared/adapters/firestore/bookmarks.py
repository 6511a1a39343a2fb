"""Where the batch job of each queue has stopped: `sweeps/{queue}`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shared.adapters.firestore.database import CommitRefused, CommitUnknown, Database, Write
from shared.kernel.batch import Cursor
from shared.kernel.errors import Unavailable

COLLECTION = "sweeps"


@dataclass(frozen=True, slots=True)
class FirestoreBookmarks:
    """Implement `shared.kernel.batch.Bookmarks`."""

    database: Database

    async def get(self, queue: str) -> Cursor | None:
        """See `Bookmarks.get`; a document without a cursor counts as the front of the queue."""
        path = f"{COLLECTION}/{queue}"
        data: Mapping[str, Any] = (await self.database.get_all([path]))[path].data or {}
        return tuple(data.get("after") or ()) or None

    async def put(self, queue: str, cursor: Cursor | None) -> None:
        """See `Bookmarks.put`; of two runs at once, the later one counts."""
        write = Write("set", f"{COLLECTION}/{queue}", {"after": list(cursor or ())})
        try:
            await self.database.commit([write])
        except (CommitUnknown, CommitRefused) as error:
            raise Unavailable("The database does not answer.") from error
