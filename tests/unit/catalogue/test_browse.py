"""Finding merchants near a point."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest

from shared.adapters.firestore.catalogue import MAX_IN, FirestoreMerchants
from shared.adapters.firestore.change import DocumentStore
from shared.adapters.firestore.database import Query, Snapshot
from shared.catalogue.queries import Browse, browse
from shared.kernel.geo import Point, distance_m
from tests.fakes.bus import MemoryBus
from tests.fakes.database import MemoryDatabase
from tests.unit.catalogue.shops import CENTRE, east, put, shop


class Watched(MemoryDatabase):
    """Remembers the cells of every query."""

    def __init__(self) -> None:
        super().__init__()
        self.cells: list[Sequence[str]] = []

    async def query(self, query: Query) -> list[Snapshot]:
        self.cells.append({field: value for field, _, value in query.where}["cell"])
        return await super().query(query)


@pytest.fixture
def database() -> Watched:
    return Watched()


@pytest.fixture
def merchants(database: Watched) -> FirestoreMerchants:
    return FirestoreMerchants(DocumentStore(database, MemoryBus()))


async def _ids(merchants: FirestoreMerchants, ask: Browse) -> list[str]:
    return [found.merchant.id for found in (await browse(ask, merchants=merchants)).merchants]


async def test_the_nearest_come_first_with_their_distance(
    merchants: FirestoreMerchants, database: Watched
) -> None:
    put(database, shop("far", east(3_000)), shop("near", east(200)), shop("mid", east(1_500)))

    page = await browse(Browse(CENTRE, 5_000), merchants=merchants)

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
        page = await browse(Browse(CENTRE, 5_000, limit=4, after=after), merchants=merchants)
        seen += [found.merchant.id for found in page.merchants]
        after, pages = page.after, pages + 1

    assert seen == [f"mer_{n}" for n in range(10)]
    assert pages == 3


async def test_a_wide_radius_is_asked_for_in_chunks_that_firestore_takes(
    merchants: FirestoreMerchants, database: Watched
) -> None:
    await browse(Browse(CENTRE, 10_000), merchants=merchants)

    assert len(database.cells) > 1
    assert all(len(cells) <= MAX_IN for cells in database.cells)
    every = [cell for cells in database.cells for cell in cells]
    assert len(every) == len(set(every))


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
