"""Service zones in Firestore: `zones/{id}`. H3 cells find candidates, and the geometry decides."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from shared.adapters.firestore.change import Docs, DocumentStore, Writes
from shared.adapters.firestore.codec import Collection
from shared.adapters.firestore.database import Database, Query
from shared.adapters.firestore.pages import full_page
from shared.catalogue.coverage import cell_of, covers
from shared.catalogue.zones import Zone
from shared.kernel.decision import Decision
from shared.kernel.geo import Point
from shared.kernel.idempotency import IdempotentRequest

ZONES = Collection("zones", Zone)

MAX_PER_CELL = 200
"""The most zones read for one point: active zones that touch its cell of about 36 km²."""


class FirestoreZones:
    """`ZoneReader`, and the check of a delivery address for orders."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def serves(self, point: Point) -> bool:
        """Return whether orders are delivered at a point. Before the first zone is created they always are.

        An archived zone counts as created: after the last one is archived, no point is served.
        """
        return bool(await self.serving(point)) or not await self.any_created()

    async def any_created(self) -> bool:
        """See `ZoneReader.any_created`."""
        return bool(await self._database.query(Query(ZONES.name, limit=1)))

    async def serving(self, point: Point) -> Sequence[Zone]:
        """See `ZoneReader.serving`. It has equality filters only, so it needs no composite index."""
        query = Query(  # mutant: archived-zone
            ZONES.name,
            where=(("cells", "array-contains", cell_of(point)), ("active", "==", True)),
            limit=MAX_PER_CELL,
        )
        near = ZONES.readable(await self._database.query(query))
        return [zone for zone in near if covers(zone, point)]

    async def active(self, limit: int, after: tuple[datetime, str] | None) -> Sequence[Zone]:
        """See `ZoneReader.active`. Index (active, created_at descending, id descending)."""
        query = Query(
            ZONES.name,
            where=(("active", "==", True),),
            order_by=("-created_at", "-id"),
            limit=limit,
            start_after=after or (),
        )
        return await full_page(self._database, ZONES, query)


class FirestoreZoneStore:
    """`ZoneStore`."""

    def __init__(self, store: DocumentStore) -> None:
        self._store = store

    async def add(self, zone: Zone, idempotency: IdempotentRequest | None) -> Zone:
        """See `ZoneStore.add`."""

        def decide(_: Docs) -> Decision[Writes, Zone]:
            return Decision([ZONES.create(zone.id, zone)], [], zone)

        return await self._store.change([ZONES.path(zone.id)], decide, idempotency)

    async def change(self, zone_id: str, decide: Callable[[Zone | None], Zone]) -> Zone:
        """See `ZoneStore.change`. An unchanged zone is not written."""

        def decide_docs(docs: Docs) -> Decision[Writes, Zone]:
            before = ZONES.find(docs, zone_id)
            after = decide(before)
            if before is None or after == before:
                return Decision([], [], after)
            return Decision([ZONES.update(zone_id, before, after)], [], after)

        return await self._store.change([ZONES.path(zone_id)], decide_docs)
