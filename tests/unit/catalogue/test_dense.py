"""Browsing where merchants stand close together: the nearest first, in pages that read few documents."""

from __future__ import annotations

import asyncio
import random
from bisect import bisect_left, bisect_right
from itertools import pairwise
from math import cos, pi, radians, sin, sqrt
from typing import Any

import pytest

from functions.catalogue_api.main import app
from shared.adapters.firestore.database import Query, Snapshot
from shared.catalogue.domain import Merchant
from shared.catalogue.nearby import MAX_READ
from shared.kernel.geo import METRES_PER_DEGREE, Point
from tests.fakes.accounts import Caller
from tests.fakes.database import MemoryDatabase
from tests.fakes.runtime import FakeRuntime, run_on
from tests.unit.catalogue.shops import CENTRE, NOW, put, shop

pytestmark = pytest.mark.mission("B3", "A1")

SHOPS = 1_500
MOST_READ = MAX_READ + 100
"""Documents: the last cells of a page may go beyond the limit."""


class Counted(MemoryDatabase):
    """Counts the documents that queries read; a count costs as much as one.

    It finds a range of spots by an index, so that the tests do not look at all merchants for each cell.
    """

    def __init__(self) -> None:
        super().__init__()
        self.found = 0
        self._index: list[tuple[str, str]] = []

    async def query(self, query: Query) -> list[Snapshot]:
        found = await self._range(query).query(query)
        self.found += max(1, len(found))
        return found

    async def count(self, query: Query) -> int:
        self.found += 1
        return len(await self._range(query).query(query))

    def _range(self, query: Query) -> MemoryDatabase:
        spots = {sign: value for field, sign, value in query.where if field == "cell"}
        if not self._index:
            shops = ((path, data) for path, (data, _) in self.docs.items() if path.count("/") == 1)
            self._index = sorted((data["cell"], path) for path, data in shops)
        start = bisect_left(self._index, (spots[">="], ""))
        end = bisect_right(self._index, (spots["<="], "~"))
        part = MemoryDatabase()
        part.docs = {path: self.docs[path] for _, path in self._index[start:end]}
        return part


@pytest.fixture
def database() -> Counted:
    return Counted()


@pytest.fixture
def call(database: Counted, monkeypatch: pytest.MonkeyPatch) -> Caller:
    run_on(app, FakeRuntime(database=database, clock=lambda: NOW), monkeypatch)
    return Caller(app, "asha")


def crowd(metres: float, **changes: Any) -> list[Merchant]:
    """Return many shops within some metres of one point, and one on it, whose id is the last.

    The others are two metres away at least.
    """
    dice = random.Random(7)
    shops = []
    for number in range(SHOPS - 1):
        angle = dice.uniform(0, 2 * pi)
        away = (2 + metres * sqrt(dice.random())) / METRES_PER_DEGREE
        east, north = away * cos(angle) / cos(radians(CENTRE.lat)), away * sin(angle)
        at = Point(CENTRE.lat + north, CENTRE.lng + east)
        shops.append(shop(f"mer_{number:04}", at, **changes))
    return [*shops, shop("mer_zero", CENTRE, **changes)]


async def page(call: Caller, size: int, token: str = "", **more: object) -> dict[str, Any]:
    query = "&".join(f"{name}={value}" for name, value in more.items())
    path = f"/api/v1/merchants?lat={CENTRE.lat}&lng={CENTRE.lng}&page_size={size}&page_token={token}&{query}"
    answer = await call("GET", path)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def pages(call: Caller, database: Counted, size: int, **more: object) -> list[list[dict[str, Any]]]:
    """Return all pages; each reads a bounded number of documents."""
    found, token = [], ""
    while True:
        database.found = 0
        one = await page(call, size, token, **more)
        assert database.found <= MOST_READ
        found.append(one["merchants"])
        if not (token := one["next_page_token"]):
            return found


@pytest.mark.parametrize("metres", [15, 150, 2_000])
async def test_fault_14_of_1500_shops_in_one_spot_the_one_at_0_m_is_first_and_a_page_reads_few(
    call: Caller, database: Counted, metres: float
) -> None:
    put(database, *crowd(metres))
    found = (await page(call, 20))["merchants"]
    assert (found[0]["id"], found[0]["distance_m"], len(found)) == ("mer_zero", 0, 20)
    assert database.found <= MOST_READ


async def test_fault_14_pages_show_all_1500_once_the_nearer_first(call: Caller, database: Counted) -> None:
    put(database, *crowd(150))
    found = [one for part in await pages(call, database, 100) for one in part]
    assert len({one["id"] for one in found}) == len(found) == SHOPS
    distances = [one["distance_m"] for one in found]
    assert all(later >= 0.95 * earlier - 2 for earlier, later in pairwise(distances))


async def test_fault_14_shops_on_exactly_one_point_are_shown_once_by_their_ids(
    call: Caller, database: Counted
) -> None:
    put(database, *(shop(f"mer_{number:03}") for number in range(300)))
    found = [one["id"] for part in await pages(call, database, 20) for one in part]
    assert found == [f"mer_{number:03}" for number in range(300)]


async def test_fault_14_where_few_of_many_match_pages_go_on_until_all_are_found(
    call: Caller, database: Counted
) -> None:
    shops = crowd(150, rating_sum=3, rating_count=1)
    rated = [shop(f"mer_good_{n}", one.location, rating_sum=5, rating_count=1) for n, one in enumerate(shops)]
    put(database, *shops[:-20], *rated[-20:])
    found = [one["id"] for part in await pages(call, database, 20, min_rating=4) for one in part]
    assert sorted(found) == sorted(f"mer_good_{n}" for n in range(SHOPS - 20, SHOPS))


async def test_fault_14_the_best_of_the_nearest_come_first_where_it_is_dense(
    call: Caller, database: Counted
) -> None:
    put(database, *crowd(150), shop("mer_best", rating_sum=5, rating_count=1))
    database.found = 0
    found = (await page(call, 20, sort="rating"))["merchants"]
    assert [one["id"] for one in found[:2]] == ["mer_best", "mer_zero"]
    assert database.found <= 2 * MOST_READ


async def test_fault_14_twenty_people_at_once_all_get_their_page(call: Caller, database: Counted) -> None:
    put(database, *crowd(150))
    found = await asyncio.gather(*(page(call, 20) for _ in range(20)))
    assert all(one["merchants"] == found[0]["merchants"] for one in found)


async def test_a_list_by_rating_goes_on_past_many_shops_that_do_not_match(
    call: Caller, database: Counted
) -> None:
    worse = crowd(150, rating_sum=3, rating_count=1)
    far = Point(CENTRE.lat + 0.009, CENTRE.lng)
    put(database, *worse, *(shop(f"mer_good_{n}", far, rating_sum=5, rating_count=1) for n in range(20)))
    found = (await page(call, 20, sort="rating", min_rating=4))["merchants"]
    assert {one["id"] for one in found} == {f"mer_good_{n}" for n in range(20)}
