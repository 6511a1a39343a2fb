"""Finding merchants near a point."""

from __future__ import annotations

import random
from typing import Any

import pytest

from shared.adapters.firestore.catalogue import FirestoreMerchants
from shared.adapters.firestore.change import DocumentStore
from shared.adapters.firestore.database import Query, Snapshot
from shared.catalogue.browsing import Browse, NothingToSearch, SortBy, browse
from shared.catalogue.domain import Merchant, MerchantProfile, with_profile
from shared.catalogue.menu import MenuItem
from shared.kernel.geo import Point, distance_m
from tests.fakes.bus import MemoryBus
from tests.fakes.database import MemoryDatabase
from tests.unit.catalogue.shops import CENTRE, NOW, east, put, shop

pytestmark = pytest.mark.mission("B3")


class Watched(MemoryDatabase):
    """Counts the queries, and how many documents all of them read."""

    def __init__(self) -> None:
        super().__init__()
        self.queries = 0
        self.found = 0

    async def query(self, query: Query) -> list[Snapshot]:
        found = await super().query(query)
        self.queries += 1
        self.found += len(found)
        return found


@pytest.fixture
def database() -> Watched:
    return Watched()


@pytest.fixture
def merchants(database: Watched) -> FirestoreMerchants:
    return FirestoreMerchants(DocumentStore(database, MemoryBus()))


async def _ids(merchants: FirestoreMerchants, ask: Browse) -> list[str]:
    return [found.merchant.id for found in (await browse(ask, merchants=merchants, now=NOW)).merchants]


async def test_the_nearest_come_first_with_their_distance(
    merchants: FirestoreMerchants, database: Watched
) -> None:
    put(database, shop("far", east(3_000)), shop("near", east(200)), shop("mid", east(1_500)))

    page = await browse(Browse(CENTRE, 5_000), merchants=merchants, now=NOW)

    assert [(found.merchant.id, found.distance_m) for found in page.merchants] == [
        ("near", 200),
        ("mid", 1_500),
        ("far", 3_000),
    ]
    assert page.after is None


async def test_what_lies_beyond_the_radius_is_left_out(
    merchants: FirestoreMerchants, database: Watched
) -> None:
    put(database, shop("in", east(999)), shop("out", east(1_002)))

    assert await _ids(merchants, Browse(CENTRE, 1_000)) == ["in"]


async def test_unapproved_merchants_are_never_found_and_closed_ones_unless_only_open_are_asked_for(
    merchants: FirestoreMerchants, database: Watched
) -> None:
    put(
        database,
        shop("hidden", approved=False),
        shop("closed", east(100), open=False),
        shop("open", east(200)),
    )

    assert await _ids(merchants, Browse(CENTRE, 5_000)) == ["closed", "open"]
    assert await _ids(merchants, Browse(CENTRE, 5_000, open_only=True)) == ["open"]


async def test_pages_give_every_merchant_once_equal_distances_included(
    merchants: FirestoreMerchants, database: Watched
) -> None:
    put(database, *(shop(f"mer_{n}", east(100 * (n // 3))) for n in range(10)))

    seen: list[str] = []
    after, pages = None, 0
    while pages == 0 or after:
        page = await browse(Browse(CENTRE, 5_000, limit=4, after=after), merchants=merchants, now=NOW)
        seen += [found.merchant.id for found in page.merchants]
        after, pages = page.after, pages + 1

    assert seen == [f"mer_{n}" for n in range(10)]
    assert pages == 3


@pytest.mark.parametrize("radius", [1, 500, 5_000, 10_000])
async def test_where_nothing_is_few_cells_are_read(
    merchants: FirestoreMerchants, database: Watched, radius: int
) -> None:
    assert await _ids(merchants, Browse(CENTRE, radius)) == []
    assert database.queries <= 14


@pytest.mark.parametrize("radius", [1, 500, 3_700, 5_000, 10_000])
async def test_the_cells_lose_nobody_whom_measuring_everybody_would_find(
    merchants: FirestoreMerchants, database: Watched, radius: int
) -> None:
    dice = random.Random(radius)
    shops = [
        shop(f"mer_{n}", Point(CENTRE.lat + dice.uniform(-0.1, 0.1), CENTRE.lng + dice.uniform(-0.1, 0.1)))
        for n in range(400)
    ]
    put(database, *shops, shop("here"))

    found = await _ids(merchants, Browse(CENTRE, radius, limit=1_000))

    assert set(found) == {"here"} | {
        one.id for one in shops if round(distance_m(CENTRE, one.location)) <= radius
    }


def _named(id_: str, name: str, category: str, metres: float = 0, **changes: Any) -> Merchant:
    said = MerchantProfile(name, category, east(metres), "100 Feet Road", 15)
    items = [MenuItem("itm", item, 100) for item in changes.pop("items", ())]
    return with_profile(shop(id_, **changes), said, items)


class TestFilters:
    async def test_words_of_name_category_and_items_find_a_merchant_and_all_of_them_must(
        self, merchants: FirestoreMerchants, database: Watched
    ) -> None:
        put(
            database,
            _named("dosa", "Dosa Corner", "South Indian", items=["Masala dosa"]),
            _named("tea", "Chai Point", "Tea", 100, items=["Masala chai"]),
        )

        for text, ids in {
            "masala": ["dosa", "tea"],
            "masala dosa": ["dosa"],
            "chai masala": ["tea"],
            "indian": ["dosa"],
            "pizza": [],
            "masala pizza": [],
        }.items():
            assert await _ids(merchants, Browse(CENTRE, 5_000, text=text)) == ids

    async def test_only_what_the_rarest_word_finds_is_read(
        self, merchants: FirestoreMerchants, database: Watched
    ) -> None:
        put(database, *(_named(f"mer_{n}", "A Dosa Corner", "Food") for n in range(20)))
        put(database, _named("one", "A Masala Palace", "Food"))

        assert await _ids(merchants, Browse(CENTRE, 1_000, text="a masala")) == ["one"]
        assert database.found == 1

    async def test_a_text_without_a_word_is_refused(self, merchants: FirestoreMerchants) -> None:
        for ask in (Browse(CENTRE, 1_000, text="!!"), Browse(CENTRE, 1_000, category=" - ")):
            with pytest.raises(NothingToSearch):
                await _ids(merchants, ask)

    async def test_a_category_is_found_however_it_is_written(
        self, merchants: FirestoreMerchants, database: Watched
    ) -> None:
        put(database, _named("a", "A", "South Indian"), _named("b", "B", "Indian"))

        assert await _ids(merchants, Browse(CENTRE, 1_000, category="SOUTH-indian")) == ["a"]
        assert await _ids(merchants, Browse(CENTRE, 1_000, category="indian")) == ["b"]

    async def test_a_minimum_leaves_out_the_worse_and_the_unrated(
        self, merchants: FirestoreMerchants, database: Watched
    ) -> None:
        put(
            database,
            shop("new"),
            shop("bad", rating_sum=7, rating_count=2),
            shop("just", rating_sum=4, rating_count=1),
            shop("good", rating_sum=9, rating_count=2),
        )

        assert await _ids(merchants, Browse(CENTRE, 1_000, min_rating=4.0)) == ["good", "just"]


class TestSortedByRating:
    async def test_the_best_come_first_then_the_nearer_and_the_unrated_last(
        self, merchants: FirestoreMerchants, database: Watched
    ) -> None:
        put(
            database,
            shop("new"),
            shop("far", east(900), rating_sum=5, rating_count=1),
            shop("near", east(300), rating_sum=10, rating_count=2),
            shop("worse", east(10), rating_sum=8, rating_count=2),
        )

        assert await _ids(merchants, Browse(CENTRE, 5_000, sort=SortBy.RATING)) == [
            "near",
            "far",
            "worse",
            "new",
        ]

    async def test_pages_give_every_merchant_once_ties_included(
        self, merchants: FirestoreMerchants, database: Watched
    ) -> None:
        put(
            database,
            *(shop(f"mer_{n:02}", east(n // 6), rating_sum=n % 3 + 2, rating_count=1) for n in range(17)),
        )

        seen: list[str] = []
        after, pages = None, 0
        while pages == 0 or after:
            ask = Browse(CENTRE, 5_000, limit=4, after=after, sort=SortBy.RATING)
            page = await browse(ask, merchants=merchants, now=NOW)
            seen += [found.merchant.id for found in page.merchants]
            after, pages = page.after, pages + 1

        assert sorted(seen) == [f"mer_{n:02}" for n in range(17)]
        assert pages == 5
