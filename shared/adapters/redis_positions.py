"""The map of drivers as tracking writes it."""

from __future__ import annotations

from datetime import datetime

from redis.asyncio import Redis

from shared.adapters.redis_client import answering
from shared.adapters.redis_driver_commands import (
    check,
    from_ms,
    may_be_suspect,
    move,
    settle,
    suspect_key,
    upsert_profile,
)
from shared.kernel.errors import Unavailable
from shared.kernel.geo import Point
from shared.tracking.domain import DriverAvailability, Position
from shared.tracking.ports import PositionUpdate


class RedisPositions:
    """See `shared.tracking.ports.Positions`: one round trip for a driver who is known and can be asked."""

    def __init__(self, client: Redis) -> None:
        self._client = client

    async def record(self, driver_id: str, latest: Position, received_at: datetime) -> PositionUpdate | None:
        """See `Positions.record`."""
        async with answering(Unavailable):
            pipe = self._client.pipeline(transaction=False)
            cell = move(pipe, driver_id, latest, received_at)
            old, _ = await pipe.execute()
            await settle(self._client, driver_id, cell, old)
            status, at, lat, lng = old[:4]
            if status is None:
                return None
            suspect = may_be_suspect(old, received_at) and await self._suspect(driver_id, cell, received_at)
        return PositionUpdate(Position(Point(float(lat), float(lng)), from_ms(at)) if at else None, suspect)

    async def upsert_availability(self, availability: DriverAvailability) -> None:
        """See `Positions.upsert_availability`."""
        async with answering(Unavailable):
            pipe = self._client.pipeline(transaction=False)
            upsert_profile(pipe, availability)
            await pipe.execute()

    async def _suspect(self, driver_id: str, cell: str, now: datetime) -> bool:
        if not await self._client.exists(suspect_key(cell)):
            return False
        return await check(self._client, driver_id, now)
