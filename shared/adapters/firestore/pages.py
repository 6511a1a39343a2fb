"""Pages of a list: as full as the list allows, whatever stands in it."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from shared.adapters.firestore.codec import Collection
from shared.adapters.firestore.database import Database, Query

T = TypeVar("T")


async def full_page(database: Database, collection: Collection[T], query: Query) -> list[T]:
    """Return `query.limit` objects, or fewer where the list ends.

    A document that cannot be read is left out, yet the page goes on after it: a page that is not full
    would be taken for the last one, and a sweeper would see nothing but what it cannot read. The query
    orders by top-level fields; where equals are possible, some of those behind such a document are left out.
    """
    found: list[T] = []
    rest = query
    while True:
        snapshots = await database.query(rest)
        found += collection.readable(snapshots)
        last = snapshots[-1].data if snapshots else None
        if len(found) == query.limit or len(snapshots) < rest.limit or last is None:
            return found
        after = tuple(last[field.removeprefix("-")] for field in query.order_by)
        rest = replace(query, limit=query.limit - len(found), start_after=after)
