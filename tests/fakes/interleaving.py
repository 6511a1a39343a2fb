"""A database in memory whose callers take turns: what runs "at once" really meets."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from shared.adapters.firestore.database import Snapshot, Write
from tests.fakes.database import MemoryDatabase


class InterleavingDatabase(MemoryDatabase):
    """Lets every other task go on between a read and what follows from it."""

    async def get_all(self, paths: Sequence[str]) -> dict[str, Snapshot]:
        found = await super().get_all(paths)
        await asyncio.sleep(0)
        return found

    async def commit(self, writes: Sequence[Write]) -> None:
        await asyncio.sleep(0)
        await super().commit(writes)
