"""The map of drivers as tracking writes it."""

from __future__ import annotations

from datetime import datetime

from redis.asyncio import Redis

from shared.adapters.redis_client import answering
from shared.adapters.redis_map import check, describe, doubted_key, from_ms, may_be_doubted, move, settle
from shared.kernel.errors import Unavailable
from shared.kernel.geo import Point
from shared.tracking.domain import Fix, Standing
from shared.tracking.ports import Seen


class RedisPositions:
    """See `shared.tracking.ports.Positions`: one round trip for a driver who is known and can be asked."""

    def __init__(self, client: Redis) -> None:
        self._client = client

    async def record(self, driver_id: str, latest: Fix, received_at: datetime) -> Seen | None:
        """See `Positions.record`."""
        async with answering(Unavailable):
            pipe = self._client.pipeline(transaction=False)
            cell = move(pipe, driver_id, latest, received_at)
            old, _ = await pipe.execute()
            await settle(self._client, driver_id, cell, old)
            status, at, lat, lng = old[:4]
            if status is None:
                return None
            doubted = may_be_doubted(old, received_at) and await self._doubted(driver_id, cell, received_at)
        return Seen(Fix(Point(float(lat), float(lng)), from_ms(at)) if at else None, doubted)

    async def introduce(self, standing: Standing) -> None:
        """See `Positions.introduce`."""
        async with answering(Unavailable):
            pipe = self._client.pipeline(transaction=False)
            describe(pipe, standing)
            await pipe.execute()

    async def _doubted(self, driver_id: str, cell: str, now: datetime) -> bool:
        if not await self._client.exists(doubted_key(cell)):
            return False
        return await check(self._client, driver_id, now)
