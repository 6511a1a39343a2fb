"""A database in memory that interleaves its callers, so that concurrent changes really conflict."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from shared.adapters.firestore.database import Snapshot, Write
from tests.fakes.database import MemoryDatabase


class InterleavingDatabase(MemoryDatabase):
    """Lets all other tasks continue between a read and the following write."""

    async def get_all(self, paths: Sequence[str]) -> dict[str, Snapshot]:
        found = await super().get_all(paths)
        await asyncio.sleep(0)
        return found

    async def commit(self, writes: Sequence[Write]) -> None:
        await asyncio.sleep(0)
        await super().commit(writes)
