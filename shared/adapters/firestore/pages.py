"""Read the pages of a list; skip documents that cannot be parsed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import reduce
from operator import getitem
from typing import Any, TypeVar

from shared.adapters.firestore.codec import Collection
from shared.adapters.firestore.database import Database, Document, Query, Snapshot
from shared.kernel.batch import Cursor, Page

T = TypeVar("T")


async def full_page(database: Database, collection: Collection[T], query: Query) -> list[T]:
    """Return `query.limit` objects, or fewer at the end of the list.

    The page continues after a document that cannot be parsed, because a client takes a page that is not
    full for the last one. Among documents with equal values, some
    behind such a document are skipped.
    """
    found: list[T] = []
    rest = query
    while True:
        snapshots = await database.query(rest)
        found += collection.readable(snapshots)
        last = snapshots[-1].data if snapshots else None
        if len(found) == query.limit or len(snapshots) < rest.limit or last is None:
            return found
        rest = replace(query, limit=query.limit - len(found), start_after=_cursor(last, query))


async def read_page(database: Database, collection: Collection[T], query: Query) -> Page[T]:
    """Return one page for a batch job: one query, without the documents that cannot be parsed.

    The next page starts after the last document of the query, so that an unreadable document stops no job.
    """
    return page_of(collection, await database.query(query), query)


def page_of(collection: Collection[T], found: Sequence[Snapshot], query: Query) -> Page[T]:
    """Return the page of a query's documents, with a cursor behind each, and what could not be parsed."""
    items: list[T] = []
    after: list[Cursor] = []
    unreadable: list[str] = []
    for snapshot in found:
        parsed = collection.readable([snapshot])
        if parsed:
            items += parsed
            after.append(_cursor(snapshot.data or {}, query))
        else:
            unreadable.append(snapshot.path)
    last = found[-1].data if len(found) == query.limit else None  # mutant: page-of-poison
    return Page(items, _cursor(last, query) if last else None, after, unreadable)


def _cursor(data: Document, query: Query) -> Cursor:
    """Return the values of the sort fields, which may be nested."""
    return tuple(_value(data, field.removeprefix("-")) for field in query.order_by)


def _value(data: Document, field: str) -> Any:
    return reduce(getitem, field.split("."), data)
