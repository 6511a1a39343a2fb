"""One suite for `ApplicationStore`, `ZoneReader` and `ZoneStore`: every database alike."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from shared.adapters.firestore.catalogue import FirestoreApplications, FirestoreMerchants
from shared.adapters.firestore.zones import FirestoreZones, FirestoreZoneStore
from shared.catalogue.access import MerchantAccess, owner_membership
from shared.catalogue.applications import ReviewDecision, approve, reject, suspend
from shared.catalogue.geometry import new_zone
from shared.catalogue.zones import Zone, archive
from shared.kernel.geo import Point
from tests.contract.stores import Ground
from tests.unit.catalogue.shops import CENTRE, NOW, shop

pytestmark = pytest.mark.mission("B1", "B4")

AWAY = Point(28.6, 77.2)


def zone(id_: str, minutes: int = 0, side: float = 0.2) -> Zone:
    """Return a square zone around the centre."""
    west, south = CENTRE.lng - side / 2, CENTRE.lat - side / 2
    east, north = west + side, south + side
    ring = [(west, south), (east, south), (east, north), (west, north), (west, south)]
    return new_zone(id_, id_, [ring], "boss", NOW + timedelta(minutes=minutes))


def _in_turn(n: int, access: MerchantAccess) -> ReviewDecision:
    at = NOW + timedelta(minutes=n)
    return suspend(access, "Why", "boss", at) if n % 2 else approve(access, "boss", at)


class TestDesk:
    @pytest.fixture
    def applications(self, ground: Ground) -> FirestoreApplications:
        return FirestoreApplications(ground.documents)

    async def _ids(self, applications: FirestoreApplications, status: str) -> list[str]:
        return [found.id for found in await applications.with_status(status, 20, None)]

    async def test_merchants_are_listed_by_status_the_oldest_first(
        self, ground: Ground, applications: FirestoreApplications
    ) -> None:
        merchants = FirestoreMerchants(ground.documents)
        for n in range(3):
            waiting = shop(f"mer_{n}", approved=False, open=False, application_outcome=None)
            made = replace(waiting, created_at=NOW - timedelta(days=n))
            await merchants.add(made, owner_membership(made), None)
        assert await self._ids(applications, "pending") == ["mer_2", "mer_1", "mer_0"]
        after = (NOW - timedelta(days=2), "mer_2")
        assert [found.id for found in await applications.with_status("pending", 1, after)] == ["mer_1"]

        await applications.review("mer_0", "boss", lambda access: reject(access, "No licence", "boss", NOW))
        await applications.review("mer_1", "boss", lambda access: approve(access, "boss", NOW))
        assert await self._ids(applications, "pending") == ["mer_2"]
        assert await self._ids(applications, "rejected") == ["mer_0"]
        assert await self._ids(applications, "approved") == ["mer_1"]

    async def test_every_review_is_kept_and_read_newest_first(
        self, ground: Ground, applications: FirestoreApplications
    ) -> None:
        made = shop(approved=False, application_outcome=None)
        await FirestoreMerchants(ground.documents).add(made, owner_membership(made), None)
        for n in range(11):
            await applications.review("mer_1", "boss", partial(_in_turn, n))
        assert [review.number for review in await applications.reviews("mer_1", 3)] == [11, 10, 9]


class TestZones:
    @pytest.fixture
    def zones(self, ground: Ground) -> FirestoreZones:
        return FirestoreZones(ground.database)

    async def test_without_any_zone_everywhere_is_served_and_with_one_only_there(
        self, ground: Ground, zones: FirestoreZones
    ) -> None:
        assert await zones.serves(AWAY)
        await FirestoreZoneStore(ground.documents).add(zone("zon_1"), None)
        assert await zones.serves(CENTRE)
        assert not await zones.serves(AWAY)
        assert [found.id for found in await zones.serving(CENTRE)] == ["zon_1"]

    async def test_what_shares_a_cell_and_no_ground_is_not_served(
        self, ground: Ground, zones: FirestoreZones
    ) -> None:
        await FirestoreZoneStore(ground.documents).add(zone("zon_1", side=0.002), None)
        beside = Point(CENTRE.lat + 0.002, CENTRE.lng)
        assert await zones.serves(CENTRE)
        assert not await zones.serves(beside)

    async def test_an_archived_zone_is_not_served(self, ground: Ground, zones: FirestoreZones) -> None:
        book = FirestoreZoneStore(ground.documents)
        await book.add(zone("zon_1"), None)
        gone = await book.change("zon_1", lambda found: archive(found, "boss", NOW))
        assert await book.change("zon_1", lambda found: archive(found, "other", NOW)) == gone
        assert not await zones.serves(CENTRE)

    async def test_zones_in_force_are_listed_newest_first(
        self, ground: Ground, zones: FirestoreZones
    ) -> None:
        book = FirestoreZoneStore(ground.documents)
        for n in range(4):
            await book.add(zone(f"zon_{n}", minutes=n), None)
        await book.change("zon_2", lambda found: archive(found, "boss", NOW))
        assert [found.id for found in await zones.active(2, None)] == ["zon_3", "zon_1"]
        after = (NOW + timedelta(minutes=1), "zon_1")
        assert [found.id for found in await zones.active(2, after)] == ["zon_0"]
