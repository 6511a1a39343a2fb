"""A load for a slow stack, written as documents: through the API it would take longer than what it is for."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from google.cloud.firestore_v1 import AsyncClient, FieldFilter

from shared.adapters.firestore.codec import to_document
from shared.adapters.firestore.dispatch import DRIVERS, OFFERS
from shared.adapters.redis_client import connect
from shared.adapters.redis_driver_index import RedisDriverIndex
from shared.dispatch.domain import Offer
from shared.dispatch.drivers import Driver, DriverStatus
from shared.kernel.geo import Point
from shared.kernel.order import Fulfilment, PaymentState
from shared.kernel.vehicle import Vehicle
from shared.orders.domain import Order, Place, TimelineEntry
from tests import builders
from tests.e2e.scene import PROJECT
from tests.stack import RunningStack

MINUTE = timedelta(minutes=1)
PLACES = 6
"""Shops, too far from each other for a search: the searches of one shop alone compete for its drivers."""

BATCH = 400
"""Documents of one commit; Firestore takes 500."""


@dataclass(frozen=True, slots=True)
class StoredOffer:
    """An offer, and when its document was created by the clock of the database."""

    offer: Offer
    created_at: datetime

    @property
    def open_for(self) -> timedelta:
        """Return how long the offer can be answered."""
        return self.offer.expires_at - self.created_at


class Load:
    """Orders and drivers in the Firestore of a stack, and the drivers' positions in its Redis."""

    def __init__(self, database: AsyncClient, index: RedisDriverIndex) -> None:
        self._database = database
        self._index = index
        self._drivers: list[Driver] = []

    async def add_drivers(self, uids: Iterable[str]) -> None:
        """Add drivers who are approved and online, the same number at each shop."""
        made = [
            Driver(uid, "Imran", Vehicle.SCOOTER, approved=True, status=DriverStatus.ONLINE) for uid in uids
        ]
        await self._write({DRIVERS.path(driver.id): to_document(driver) for driver in made})
        self._drivers += made
        await self.report_positions()

    async def report_positions(self) -> None:
        """Report where the drivers are, as their apps do every few seconds: at their shops' doors."""
        for number, driver in enumerate(self._drivers):
            shop = _shop(number)
            await self._index.upsert_position(driver, Point(shop.lat, shop.lng), datetime.now(UTC))

    async def add_ready(self, number: int) -> None:
        """Add orders that are ready and paid, and whose event the search has never got."""
        ready_at = datetime.now(UTC) - 10 * MINUTE
        order = builders.order(
            Fulfilment.READY,
            PaymentState.CAPTURED,
            placed_at=ready_at - 20 * MINUTE,
            updated_at=ready_at,
            timeline=(TimelineEntry(1, "evt_1", "order_ready", ready_at, builders.STAFF),),
            next_check_at=ready_at + 60 * MINUTE,
        )
        pickups = [{"pickup": to_document(_shop(n))} for n in range(number)]
        await self._add_orders("ready", order, pickups)

    async def add_due(self, number: int) -> None:
        """Add unpaid orders that the sweep of orders has to look at, and to look at again later."""
        now = datetime.now(UTC)
        order = builders.order(
            Fulfilment.PLACED,
            PaymentState.PENDING,
            placed_at=now,
            updated_at=now,
            next_check_at=now - MINUTE,
        )
        await self._add_orders("due", order, [{}] * number)

    async def due(self) -> int:
        """Return how many orders the sweep has yet to look at."""
        is_due = FieldFilter("next_check_at", "<=", datetime.now(UTC))
        counting: Any = self._database.collection("orders").where(filter=is_due).count()
        [[found]] = await counting.get()
        return int(found.value)

    async def offers(self) -> list[StoredOffer]:
        """Return all offers."""
        return [
            StoredOffer(OFFERS.parse(document.to_dict() or {}), document.create_time)
            async for document in self._database.collection(OFFERS.name).stream()
        ]

    async def offers_and_drivers(self) -> tuple[list[StoredOffer], list[Driver]]:
        """Return all offers and all drivers as of one moment."""
        paths = [OFFERS.path(stored.offer.id) for stored in await self.offers()]
        paths += [DRIVERS.path(driver.id) for driver in self._drivers]
        offers, drivers = [], []
        async for document in self._database.get_all([self._database.document(path) for path in paths]):
            if document.reference.path.startswith(OFFERS.name):
                offers.append(StoredOffer(OFFERS.parse(document.to_dict() or {}), document.create_time))
            else:
                drivers.append(DRIVERS.parse(document.to_dict() or {}))
        return offers, drivers

    async def _add_orders(self, name: str, order: Order, changes: Sequence[Mapping[str, Any]]) -> None:
        data = {**to_document(order), "version": 0}
        ids = [f"ord_{name}{n:04}" for n in range(len(changes))]
        await self._write(
            {f"orders/{id_}": {**data, **change, "id": id_} for id_, change in zip(ids, changes, strict=True)}
        )

    async def _write(self, documents: Mapping[str, Mapping[str, Any]]) -> None:
        paths = list(documents)
        for start in range(0, len(paths), BATCH):
            batch = self._database.batch()
            for path in paths[start : start + BATCH]:
                batch.set(self._database.document(path), dict(documents[path]))
            await batch.commit()


def _shop(number: int) -> Place:
    first = builders.quote().pickup
    return Place(first.lat + number % PLACES, first.lng, first.address)


@asynccontextmanager
async def load_of(stack: RunningStack, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Load]:
    """A load that reaches Firestore past the functions' proxy."""
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", stack.env["FIRESTORE_EMULATOR_HOST"])
    redis = connect(stack.env["REDIS_URL"])
    try:
        yield Load(AsyncClient(project=PROJECT), RedisDriverIndex(redis))
    finally:
        await redis.aclose()
