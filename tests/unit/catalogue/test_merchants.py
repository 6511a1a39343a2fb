"""Registering, approving, switching, and the menu's versions, over the real store."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from itertools import count
from typing import Any

import pytest

from shared.adapters.firestore.catalogue import FirestoreMerchants, FirestoreStock
from shared.adapters.firestore.change import DocumentStore
from shared.adapters.firestore.licences import FirestoreLicences
from shared.catalogue import queries
from shared.catalogue.domain import Merchant, MerchantNotFound, MerchantProfile
from shared.catalogue.menu import Menu, MenuChanged, MenuItem, MenuNotFound
from shared.catalogue.menu_checks import MAX_ITEMS, MAX_PRICE, MenuInvalid, check_items
from shared.catalogue.opening import MenuMissing, MerchantNotApproved
from shared.catalogue.usecases.publish_menu import PublishMenu, publish_menu
from shared.catalogue.usecases.register_merchant import RegisterMerchant, register_merchant
from shared.catalogue.usecases.switch_merchant import SwitchMerchant, switch_merchant
from shared.kernel.spots import spot_of
from shared.verification.requirements import RequirementPolicy
from tests.fakes.bus import MemoryBus
from tests.fakes.database import MemoryDatabase
from tests.fakes.interleaving import InterleavingDatabase
from tests.unit.catalogue.shops import CENTRE, NOW, put, shop

pytestmark = pytest.mark.mission("B1", "B2")

DOSA = MenuItem("itm_dosa", "Masala dosa", 12_000)
IDLI = MenuItem("itm_idli", "Idli", 6_000)


async def _no_pause(_: int) -> None:
    await asyncio.sleep(0)


@pytest.fixture
def database() -> MemoryDatabase:
    return InterleavingDatabase()


@pytest.fixture
def merchants(database: MemoryDatabase) -> FirestoreMerchants:
    return FirestoreMerchants(DocumentStore(database, MemoryBus(), pause=_no_pause))


@pytest.fixture
def stock(database: MemoryDatabase) -> FirestoreStock:
    return FirestoreStock(DocumentStore(database, MemoryBus(), pause=_no_pause))


async def _switch(
    merchants: FirestoreMerchants,
    uid: str = "staff",
    merchant: str = "mer_1",
    *,
    open: bool = True,  # noqa: A002
) -> Merchant:
    licences = FirestoreLicences(MemoryDatabase(), RequirementPolicy(False))
    command = SwitchMerchant(uid, merchant, open)
    return await switch_merchant(command, merchants=merchants, licences=licences, now=NOW)


async def _publish(
    merchants: FirestoreMerchants, *items: MenuItem, uid: str = "staff", **command: Any
) -> tuple[Merchant, Menu]:
    numbers = count(1)
    wanted = PublishMenu(uid, "mer_1", items or (DOSA,), **command)
    return await publish_menu(wanted, merchants=merchants, ids=lambda prefix: f"{prefix}_{next(numbers)}")


class TestRegistration:
    async def test_a_new_merchant_is_closed_unapproved_and_run_by_its_owner(
        self, merchants: FirestoreMerchants, database: MemoryDatabase
    ) -> None:
        said = MerchantProfile("Dosa Corner", "South Indian", CENTRE, "100 Feet Road", 15)
        merchant = await register_merchant(
            RegisterMerchant("owner", said), merchants=merchants, ids=lambda p: f"{p}_1", now=NOW
        )

        stored = database.data("merchants/mer_1")
        assert merchant.id == "mer_1"
        assert (stored["owner_id"], stored["staff_count"]) == ("owner", 1)
        member = database.data("merchants/mer_1/staff/owner")
        assert (member["role"], member["by"], member["since"]) == ("owner", "owner", NOW)
        assert (stored["approved"], stored["open"], stored["menu_version"]) == (False, False, 0)
        assert (stored["cell"], stored["currency"]) == (spot_of(CENTRE), "INR")
        assert stored["location"] == {"lat": CENTRE.lat, "lng": CENTRE.lng}


class TestSwitch:
    async def test_the_staff_opens_and_closes(
        self, merchants: FirestoreMerchants, database: MemoryDatabase
    ) -> None:
        put(database, shop(open=False))

        for state in (True, True, False, False):
            await _switch(merchants, open=state)
            assert database.data("merchants/mer_1")["open"] is state

    @pytest.mark.parametrize(
        ("changes", "error"),
        [({"approved": False}, MerchantNotApproved), ({"menu_version": 0}, MenuMissing)],
    )
    async def test_without_approval_or_menu_it_stays_closed(
        self,
        merchants: FirestoreMerchants,
        database: MemoryDatabase,
        changes: dict[str, Any],
        error: type[Exception],
    ) -> None:
        put(database, replace(shop(open=False), **changes))

        with pytest.raises(error):
            await _switch(merchants)
        assert database.data("merchants/mer_1")["open"] is False

    @pytest.mark.parametrize(("uid", "merchant"), [("stranger", "mer_1"), ("staff", "mer_9")])
    @pytest.mark.parametrize("state", [True, False])
    async def test_to_strangers_the_merchant_does_not_exist(
        self, merchants: FirestoreMerchants, database: MemoryDatabase, uid: str, merchant: str, state: bool
    ) -> None:
        put(database, shop())
        with pytest.raises(MerchantNotFound):
            await _switch(merchants, uid, merchant, open=state)


class TestMenu:
    async def test_each_menu_is_a_new_version_and_the_old_ones_stay(
        self, merchants: FirestoreMerchants, stock: FirestoreStock, database: MemoryDatabase
    ) -> None:
        put(database, shop(menu_version=0))

        await _publish(merchants, DOSA)
        await _publish(merchants, DOSA, IDLI)

        versions = database.collection("merchants/mer_1/menu")
        assert {id_: len(menu["items"]) for id_, menu in versions.items()} == {"1": 1, "2": 2}
        assert database.data("merchants/mer_1")["menu_version"] == 2
        offered = await queries.read_menu("mer_1", "asha", merchants=merchants, stock=stock)
        assert offered.menu.items == (DOSA, IDLI)

    async def test_an_item_keeps_its_id_and_a_new_one_gets_one(
        self, merchants: FirestoreMerchants, database: MemoryDatabase
    ) -> None:
        put(database, shop())

        _, menu = await _publish(merchants, DOSA, replace(IDLI, id=""), replace(IDLI, id=""))

        assert [item.id for item in menu.items] == ["itm_dosa", "itm_1", "itm_2"]

    async def test_a_change_on_an_old_version_is_refused(
        self, merchants: FirestoreMerchants, database: MemoryDatabase
    ) -> None:
        put(database, shop(menu_version=3))

        with pytest.raises(MenuChanged):
            await _publish(merchants, based_on=frozenset({2}))
        with pytest.raises(MenuChanged):
            await _publish(merchants, based_on=frozenset())
        _, menu = await _publish(merchants, based_on=frozenset({2, 3}))
        assert menu.version == 4

    async def test_of_ten_changes_on_one_version_exactly_one_stands(
        self, merchants: FirestoreMerchants, database: MemoryDatabase
    ) -> None:
        put(database, shop())

        outcomes = await asyncio.gather(
            *(_publish(merchants, based_on=frozenset({1})) for _ in range(10)), return_exceptions=True
        )

        assert sum(isinstance(outcome, MenuChanged) for outcome in outcomes) == 9
        assert list(database.collection("merchants/mer_1/menu")) == ["2"]

    async def test_only_the_staff_writes_the_menu(
        self, merchants: FirestoreMerchants, database: MemoryDatabase
    ) -> None:
        put(database, shop())
        with pytest.raises(MerchantNotFound):
            await _publish(merchants, uid="stranger")
        assert database.collection("merchants/mer_1/menu") == {}

    @pytest.mark.parametrize("price", [0, -1, MAX_PRICE + 1, 10.0, 9.99, True, float("nan"), float("inf")])
    def test_a_price_that_is_no_whole_number_in_bounds_is_named(self, price: Any) -> None:
        with pytest.raises(MenuInvalid) as refusal:
            check_items([DOSA, replace(IDLI, price=price)])
        assert [fault.pointer for fault in refusal.value.errors] == ["/items/1/price"]

    @pytest.mark.parametrize("price", [1, MAX_PRICE])
    def test_a_price_on_the_bounds_is_fine(self, price: int) -> None:
        check_items([replace(DOSA, price=price)])

    def test_two_items_with_one_id_are_both_named(self) -> None:
        with pytest.raises(MenuInvalid) as refusal:
            check_items([DOSA, IDLI, DOSA])
        assert [fault.pointer for fault in refusal.value.errors] == ["/items/0/id", "/items/2/id"]

    def test_a_menu_has_one_to_five_hundred_items(self) -> None:
        items = [replace(DOSA, id=f"itm_{n}") for n in range(MAX_ITEMS + 1)]
        check_items(items[:MAX_ITEMS])
        for wrong in ([], items):
            with pytest.raises(MenuInvalid):
                check_items(wrong)


class TestReading:
    async def test_before_its_approval_only_the_staff_sees_a_merchant(
        self, merchants: FirestoreMerchants, stock: FirestoreStock, database: MemoryDatabase
    ) -> None:
        put(database, shop(approved=False, open=False))

        assert (await queries.read_merchant("mer_1", "staff", merchants=merchants)).id == "mer_1"
        with pytest.raises(MerchantNotFound):
            await queries.read_merchant("mer_1", "asha", merchants=merchants)
        with pytest.raises(MerchantNotFound):
            await queries.read_menu("mer_1", "asha", merchants=merchants, stock=stock)

    async def test_a_merchant_without_a_menu_has_none_to_read(
        self, merchants: FirestoreMerchants, stock: FirestoreStock, database: MemoryDatabase
    ) -> None:
        put(database, shop(menu_version=0, open=False))
        with pytest.raises(MenuNotFound):
            await queries.read_menu("mer_1", "asha", merchants=merchants, stock=stock)

    @pytest.mark.parametrize(("total", "number", "mean"), [(0, 0, None), (14, 3, 4.67), (5, 1, 5.0)])
    def test_the_rating_is_the_mean_of_the_stars(self, total: int, number: int, mean: float | None) -> None:
        assert shop(rating_sum=total, rating_count=number).rating == mean
