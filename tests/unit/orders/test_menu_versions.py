"""A process reads a version of a menu once, and asks each time which version is in force."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import pytest

from shared.adapters.firestore import shops
from shared.adapters.firestore.database import Snapshot
from shared.orders.pricing import ItemRequest, UnknownItem
from tests.fakes.database import MemoryDatabase
from tests.unit.orders.world import MENU, World

NEXT = "merchants/mer_1/menu/3"


class Counting(MemoryDatabase):
    """Counts the reads of each document."""

    def __init__(self) -> None:
        super().__init__()
        self.reads: Counter[str] = Counter()

    async def get_all(self, paths: Sequence[str]) -> dict[str, Snapshot]:
        self.reads.update(paths)
        return await super().get_all(paths)


async def test_a_second_quote_reads_the_merchant_and_not_its_menu() -> None:
    database = Counting()
    world = World(database)
    for _ in range(2):
        await world.quote()
    assert (database.reads["merchants/mer_1"], database.reads["merchants/mer_1/menu/2"]) == (2, 1)


async def test_an_item_that_was_switched_off_is_refused_at_once() -> None:
    world = World()
    await world.quote(ItemRequest("dosa", 2))
    menu = world.database.data("merchants/mer_1/menu/2")
    off = [item | {"available": item["id"] != "dosa"} for item in menu["items"]]
    world.database.seed(NEXT, menu | {"version": 3, "items": off})
    world.merchant(menu_version=3)
    with pytest.raises(UnknownItem):
        await world.quote(ItemRequest("dosa", 2))


async def test_a_version_that_is_not_there_yet_is_looked_for_again() -> None:
    world = World()
    world.merchant(menu_version=3)
    with pytest.raises(UnknownItem):
        await world.quote()
    world.database.seed(NEXT, MENU | {"version": 3})
    assert (await world.quote()).menu_version == 3


async def test_a_process_keeps_the_menus_that_were_asked_for_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shops, "KEPT_MENUS", 1)
    database = Counting()
    world = World(database)
    for version in (2, 1, 2):
        world.merchant(menu_version=version)
        await world.quote()
    assert database.reads["merchants/mer_1/menu/2"] == 2
