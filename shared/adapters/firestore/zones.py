"""Service zones in Firestore: `zones/{id}`, found by their H3 cells and decided by their outlines."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from shared.adapters.firestore.change import Commit, Docs, DocumentStore
from shared.adapters.firestore.codec import Kind
from shared.adapters.firestore.database import Database, Query
from shared.adapters.firestore.pages import full_page
from shared.catalogue.outlines import cell_of, covers
from shared.catalogue.zones import Zone
from shared.kernel.geo import Point
from shared.kernel.once import Once

ZONES = Kind("zones", Zone)

MAX_PER_CELL = 200
"""Zones read for one point at most: those in force that touch its cell of about 36 km²."""


class FirestoreZones:
    """Reads zones: `ZoneReader`, and what orders ask of an address."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def serves(self, point: Point) -> bool:
        """Say whether orders are delivered at a point; everywhere, until the first zone is drawn.

        A zone that was retired counts as drawn: retiring the last one opens nothing.
        """
        return bool(await self.serving(point)) or not await self.any_drawn()

    async def any_drawn(self) -> bool:
        """See `ZoneReader.any_drawn`."""
        return bool(await self._database.query(Query(ZONES.collection, limit=1)))

    async def serving(self, point: Point) -> Sequence[Zone]:
        """See `ZoneReader.serving`: equalities alone, hence no composite index."""
        query = Query(
            ZONES.collection,
            where=(("cells", "array-contains", cell_of(point)), ("active", "==", True)),
            limit=MAX_PER_CELL,
        )
        near = ZONES.readable(await self._database.query(query))
        return [zone for zone in near if covers(zone, point)]

    async def active(self, limit: int, after: tuple[datetime, str] | None) -> Sequence[Zone]:
        """See `ZoneReader.active`, index (active, created_at descending, id descending)."""
        query = Query(
            ZONES.collection,
            where=(("active", "==", True),),
            order_by=("-created_at", "-id"),
            limit=limit,
            start_after=after or (),
        )
        return await full_page(self._database, ZONES, query)


class FirestoreZoneBook:
    """`ZoneStore`."""

    def __init__(self, store: DocumentStore) -> None:
        self._store = store

    async def add(self, zone: Zone, once: Once | None) -> Zone:
        """See `ZoneStore.add`."""

        def decide(_: Docs) -> Commit[Zone]:
            return Commit([ZONES.insert(zone.id, zone)], [], zone)

        return await self._store.change([ZONES.path(zone.id)], decide, once)

    async def change(self, zone_id: str, decide: Callable[[Zone | None], Zone]) -> Zone:
        """See `ZoneStore.change`; what changes nothing writes nothing."""

        def decide_docs(docs: Docs) -> Commit[Zone]:
            before = ZONES.find(docs, zone_id)
            after = decide(before)
            if before is None or after == before:
                return Commit([], [], after)
            return Commit([ZONES.update(zone_id, before, after)], [], after)

        return await self._store.change([ZONES.path(zone_id)], decide_docs)
