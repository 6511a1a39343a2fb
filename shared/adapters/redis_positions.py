"""The driver location index as tracking writes it."""

from __future__ import annotations

from datetime import datetime

from shared.adapters.redis_client import answering
from shared.adapters.redis_driver_commands import (
    Recorded,
    claim_lookup,
    from_ms,
    store_availability,
    store_report,
    suspect_key,
)
from shared.adapters.redis_pipeline import RedisCommands
from shared.kernel.errors import Unavailable
from shared.kernel.geo import region
from shared.tracking.domain import DriverAvailability, Position, can_take_order, is_lookup_due
from shared.tracking.ports import PositionUpdate


class RedisPositions:
    """Implement `shared.tracking.ports.Positions`: one round trip for a driver who can take an order."""

    def __init__(self, client: RedisCommands) -> None:
        self._client = client

    async def record(self, driver_id: str, latest: Position, received_at: datetime) -> PositionUpdate | None:
        """See `Positions.record`."""
        async with answering(Unavailable):
            recorded = await store_report(self._client, driver_id, latest, received_at)
            if recorded is None:
                return None
            suspect = _may_be_suspect(recorded, received_at) and await self._claim(
                driver_id, region(latest.point), received_at
            )
        return PositionUpdate(suspect, bool(recorded.jump))

    async def upsert_availability(self, availability: DriverAvailability) -> None:
        """See `Positions.upsert_availability`."""
        async with answering(Unavailable):
            await store_availability(self._client, availability)

    async def _claim(self, driver_id: str, cell: str, now: datetime) -> bool:
        """Return whether the region is suspect and this caller is the one to look the driver up."""
        if not await self._client.execute_command("EXISTS", suspect_key(cell)):
            return False
        return await claim_lookup(self._client, driver_id, now)


def _may_be_suspect(known: Recorded, now: datetime) -> bool:
    """Return whether the index shows the driver as unavailable, and a look-up is due.

    A load that cannot be parsed counts as unavailable: the look-up repairs it.
    """
    try:
        available = can_take_order(known.status, int(known.load or ""), int(known.load_cap or ""))
    except ValueError:
        available = False
    looked_up_at = from_ms(known.looked_up_at) if known.looked_up_at else None
    return not available and is_lookup_due(looked_up_at, now)
