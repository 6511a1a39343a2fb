"""One suite for `MerchantStore`: every database alike."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import h3
import pytest

from shared.adapters.firestore.catalogue import FirestoreMerchants, FirestoreStock
from shared.catalogue.access import MerchantAccess, for_staff, owner_membership
from shared.catalogue.domain import Merchant, MerchantNotFound, with_menu
from shared.catalogue.menu import Menu, MenuItem
from shared.catalogue.ports import MerchantFilter, Spots
from shared.catalogue.stock import Stock
from shared.kernel.idempotency import AlreadyAnswered, IdempotentRequest
from shared.kernel.spots import Area
from tests.contract.stores import Ground, idempotency
from tests.unit.catalogue.shops import NOW, east, shop

DOSA = MenuItem("itm_dosa", "Masala dosa", 12_000)
IDLI = MenuItem("itm_idli", "Idli", 6_000)


@pytest.fixture
def merchants(ground: Ground) -> FirestoreMerchants:
    return FirestoreMerchants(ground.documents)


async def publish(merchants: FirestoreMerchants, item: MenuItem) -> tuple[Merchant, Menu]:
    def decide(access: MerchantAccess) -> tuple[Merchant, Menu]:
        return with_menu(for_staff(access), [item], None)

    return await merchants.publish_menu("mer_1", "staff", decide)


async def add(
    merchants: FirestoreMerchants, merchant: Merchant, request: IdempotentRequest | None = None
) -> Merchant:
    return await merchants.add(merchant, owner_membership(merchant), request)


async def test_what_was_never_added_is_none(merchants: FirestoreMerchants) -> None:
    assert await merchants.find("mer_1") is None
    assert await merchants.menu("mer_1", 1) is None


async def test_a_merchant_is_read_back_as_it_was_added(merchants: FirestoreMerchants) -> None:
    made = shop("mer_1", name="दोसा", rating_sum=9, rating_count=2)
    assert await add(merchants, made) == made
    assert await merchants.find("mer_1") == made


async def test_one_key_adds_one_merchant(ground: Ground, merchants: FirestoreMerchants) -> None:
    request = idempotency(lambda merchant: {"id": merchant.id})
    await add(merchants, shop("mer_1"), request)
    with pytest.raises(AlreadyAnswered) as answered:
        await add(merchants, shop("mer_2"), request)
    assert answered.value.answer == {"id": "mer_1"}
    assert await ground.ids("merchants") == ["mer_1"]


async def test_a_change_of_an_unknown_merchant_is_the_decisions_to_refuse(
    ground: Ground, merchants: FirestoreMerchants
) -> None:
    with pytest.raises(MerchantNotFound):
        await merchants.change_as("mer_1", "staff", for_staff)
    with pytest.raises(MerchantNotFound):
        await publish(merchants, DOSA)
    assert await ground.ids("merchants") == []


async def test_a_change_that_was_overtaken_is_decided_again(
    ground: Ground, merchants: FirestoreMerchants
) -> None:
    await add(merchants, shop("mer_1"))
    ground.database.overtake("merchants/mer_1", approved=False)
    seen: list[bool] = []

    def decide(access: MerchantAccess) -> Merchant:
        known = for_staff(access)
        seen.append(known.approved)
        return replace(known, prep_minutes=30)

    changed = await merchants.change_as("mer_1", "staff", decide)
    assert seen == [True, False]
    assert (changed.approved, changed.prep_minutes) == (False, 30)
    assert await merchants.find("mer_1") == changed


async def test_a_version_of_a_menu_stays_as_it_was_when_the_next_comes(merchants: FirestoreMerchants) -> None:
    await add(merchants, shop("mer_1", menu_version=0))
    first = await publish(merchants, DOSA)
    second = await publish(merchants, IDLI)

    assert [menu.version for _, menu in (first, second)] == [1, 2]
    assert [await merchants.menu("mer_1", n) for n in (1, 2, 3)] == [first[1], second[1], None]
    assert await merchants.find("mer_1") == second[0]


async def test_of_two_menus_at_once_the_second_is_the_next_version(merchants: FirestoreMerchants) -> None:
    await add(merchants, shop("mer_1", menu_version=0))
    published = await asyncio.gather(publish(merchants, DOSA), publish(merchants, IDLI))

    assert sorted(menu.version for _, menu in published) == [1, 2]
    assert {menu.version: menu for _, menu in published} == {
        n: await merchants.menu("mer_1", n) for n in (1, 2)
    }


async def test_a_revision_of_the_menu_rests_on_the_current_one(
    ground: Ground, merchants: FirestoreMerchants
) -> None:
    await add(merchants, shop("mer_1", menu_version=0))
    await publish(merchants, DOSA)
    _, second = await publish(merchants, IDLI)
    await merchants.change_as("mer_1", "staff", lambda access: replace(for_staff(access), menu_version=1))
    ground.database.overtake("merchants/mer_1", menu_version=2)
    seen: list[Menu | None] = []

    def decide(access: MerchantAccess, menu: Menu | None) -> tuple[Merchant, Menu]:
        seen.append(menu)
        return with_menu(for_staff(access), [DOSA, IDLI], None)

    _, third = await merchants.revise("mer_1", "staff", decide)
    assert [menu.version for menu in seen if menu] == [1, 2]
    assert (seen[-1], third.version) == (second, 3)
    assert await merchants.menu("mer_1", 3) == third


async def test_a_review_counts_once(ground: Ground, merchants: FirestoreMerchants) -> None:
    def rate(merchant: Merchant) -> Merchant:
        return replace(merchant, rating_sum=merchant.rating_sum + 4, rating_count=merchant.rating_count + 1)

    assert await merchants.count_review("mer_1", "rev_1", rate) is None
    await add(merchants, shop("mer_1"))
    await asyncio.gather(*(merchants.count_review("mer_1", "rev_1", rate) for _ in range(3)))
    rated = await merchants.count_review("mer_1", "rev_2", rate)
    assert rated == await merchants.find("mer_1")
    assert rated
    assert (rated.rating_sum, rated.rating_count) == (8, 2)


async def test_approved_merchants_are_found_by_cell_category_and_term(merchants: FirestoreMerchants) -> None:
    far = shop("mer_far", east(100_000))
    shops = (
        shop("mer_1", terms=("dosa", "vada"), category_key="south indian"),
        shop("mer_new", approved=False),
        shop("mer_closed", open=False, terms=("dosa",), category_key="bakery"),
        far,
    )
    for made in shops:
        await add(merchants, made)

    spot = shop("any").cell
    city = Area(h3.cell_to_parent(spot, 6), 0, 0)

    async def ids(within: Spots, limit: int = 10, **sought: Any) -> list[str]:
        return [found.id for found in await merchants.search(MerchantFilter(**sought), within, limit)]

    here = Spots(*city.spots)
    assert await merchants.count(MerchantFilter(), here, 10) == 2
    assert await merchants.count(MerchantFilter(open_only=True, term="dosa"), here, 10) == 1
    assert await merchants.count(MerchantFilter(), here, 1) == 1
    assert await ids(here) == ["mer_1", "mer_closed"]
    assert await ids(here, limit=1) == ["mer_1"]
    assert await ids(Spots(spot, spot, "mer_1")) == ["mer_closed"]
    assert await ids(here, open_only=True) == ["mer_1"]
    assert await ids(here, term="dosa") == ["mer_1", "mer_closed"]
    assert await ids(here, term="dosa", category_key="bakery") == ["mer_closed"]
    assert await ids(here, term="dosa", category_key="bakery", open_only=True) == []
    assert await ids(here, term="idli") == []
    assert await ids(Spots(far.cell, far.cell)) == ["mer_far"]


async def test_a_count_replaces_the_one_before(ground: Ground) -> None:
    store = FirestoreStock(ground.documents)
    for left in (5, 3):
        await store.put("mer_1", Stock("itm_dosa", left, NOW))
    found = await store.stock("mer_1", ["itm_uncounted", "itm_dosa"])
    assert found == [Stock("itm_dosa", 3, NOW)]
