"""The versions of menus in Firestore, `merchants/{id}/menu/{version}`: which of them may go."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

from shared.adapters.firestore.change import DocumentStore
from shared.adapters.firestore.codec import Collection, DocumentWrite
from shared.adapters.firestore.database import Operator, Query
from shared.catalogue.domain import Merchant
from shared.catalogue.menu import Menu
from shared.catalogue.menu_versions import MenuPins, may_be_pinned, replaceable

CLOCKS_APART = timedelta(minutes=5)
"""For so long after its end a quote still pins a version: the process that places may have a slow clock."""


def menus_of(merchant_id: str) -> Collection[Menu]:
    """Return the collection of a merchant's menu versions."""
    return Collection(f"merchants/{merchant_id}/menu", Menu)


def deletions(merchant_id: str, versions: Sequence[int]) -> list[DocumentWrite]:
    """Return the writes that delete versions of a menu."""
    return [menus_of(merchant_id).delete(str(version)) for version in versions]


async def old_menus(store: DocumentStore, merchant: Merchant | None) -> tuple[Sequence[int], MenuPins | None]:
    """Return the versions that a new one may take the place of, and which of them are pinned.

    The pins are None where none was looked for, since there can be none.
    """
    versions = replaceable(merchant) if merchant else ()
    if merchant is None or not versions or not may_be_pinned(merchant):
        return versions, None
    now = store.clock()
    quoted, ordered = await asyncio.gather(
        asyncio.gather(*(_quoted(store, merchant.id, version, now) for version in versions)),
        asyncio.gather(*(_ordered(store, merchant.id, version) for version in versions)),
    )
    return versions, MenuPins(
        {version for version, pinned in zip(versions, quoted, strict=True) if pinned},
        {version for version, pinned in zip(versions, ordered, strict=True) if pinned},
    )


async def _quoted(store: DocumentStore, merchant_id: str, version: int, now: datetime) -> bool:
    """Return whether a quote from a version can still become an order. Index of three fields."""
    of_version: tuple[tuple[str, Operator, object], ...] = (
        ("merchant_id", "==", merchant_id),
        ("menu_version", "==", version),
        ("expires_at", ">", now - CLOCKS_APART),
    )
    return bool(await store.database.query(Query("quotes", where=of_version, limit=1)))


async def _ordered(store: DocumentStore, merchant_id: str, version: int) -> bool:
    """Return whether an order was placed from a version."""
    of_version: tuple[tuple[str, Operator, object], ...] = (
        ("merchant_id", "==", merchant_id),
        ("menu_version", "==", version),
    )
    return bool(await store.database.query(Query("orders", where=of_version, limit=1)))
