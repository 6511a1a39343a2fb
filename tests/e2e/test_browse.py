"""Customers look for a shop near them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.e2e.scene import ApiClient, Town, eventually, ok, refused

pytestmark = [pytest.mark.emulator, pytest.mark.mission("B3")]


class Street:
    """Three shops on one road north: the town's own, a pizzeria after 2 km, a closed sweet shop after 4."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.customer: ApiClient
        self.dosa, self.pizza, self.sweets = town.merchant_id, "", ""

    async def build(self) -> None:
        self.customer = await self.town.person()
        margherita = [{"name": "Margherita", "price": 30_000}]
        self.pizza, _ = await self.town.shop(
            self.town.staff, margherita, north=0.018, name="Café Roma", category="italian"
        )
        laddu = [{"name": "Motichoor laddu", "price": 8_000}]
        self.sweets, _ = await self.town.shop(
            self.town.staff, laddu, north=0.036, name="Mithai Ghar", category="sweets"
        )
        ok(await self.town.staff.post(f"/merchants/{self.sweets}/close"))

    async def found(self, **wanted: Any) -> list[str]:
        here = {"lat": self.town.lat, "lng": self.town.lng}
        page = ok(await self.customer.get("/merchants", **(here | wanted)))
        return [shop["id"] for shop in page["merchants"]]


@pytest.fixture
async def street(town: Town) -> Street:
    built = Street(town)
    await built.build()
    return built


async def test_the_nearest_come_first_and_each_wish_narrows(street: Street) -> None:
    dosa, pizza, sweets = street.dosa, street.pizza, street.sweets
    assert await street.found() == [dosa, pizza, sweets]
    assert await street.found(lat=street.town.lat + 0.036) == [sweets, pizza, dosa]
    assert await street.found(radius_m=3_000) == [dosa, pizza]
    assert await street.found(open="true") == [dosa, pizza]
    assert await street.found(category="Italian") == [pizza]
    assert await street.found(q="lad") == [sweets]
    assert await street.found(q="CAFE roma") == [pizza]
    assert await street.found(q="margherita", open="true", category="italian") == [pizza]
    assert await street.found(q="sushi") == []
    page = ok(await street.customer.get("/merchants", lat=street.town.lat, lng=street.town.lng))
    assert [shop["distance_m"] // 100 for shop in page["merchants"]] == [0, 20, 40]
    assert [shop["open_now"] for shop in page["merchants"]] == [True, True, False]


async def test_what_customers_think_counts(street: Street) -> None:
    driver = await street.town.driver()
    order_id = await street.town.delivered(street.customer, driver)
    review = {"order_id": order_id, "side": "customer_of_merchant", "stars": 4}
    ok(await street.customer.post("/reviews", review))

    async def rated() -> bool:
        return await street.found(min_rating=4) == [street.dosa]

    await eventually(rated)
    assert await street.found(min_rating=4.5) == []
    best = await street.found(sort="rating", lat=street.town.lat + 0.036)
    assert (best[0], set(best)) == (street.dosa, {street.dosa, street.pizza, street.sweets})


async def test_pages_show_each_shop_once_and_a_token_of_another_list_is_refused(street: Street) -> None:
    here = {"lat": street.town.lat, "lng": street.town.lng}
    seen, token = [], ""
    for _ in range(5):
        page = ok(await street.customer.get("/merchants", **here, page_size=1, page_token=token))
        seen += [shop["id"] for shop in page["merchants"]]
        if not (token := page["next_page_token"]):
            break
        foreign = {"sort": "rating", "page_token": token}
        refused(await street.customer.get("/merchants", **here, **foreign), 422, "INVALID_PAGE_TOKEN")
    assert seen == [street.dosa, street.pizza, street.sweets]


async def test_a_question_that_makes_no_sense_is_422(town: Town) -> None:
    customer, here = await town.person(), {"lat": town.lat, "lng": town.lng}
    for wrong in (
        {"lat": 91},
        {"lng": "NaN"},
        {"lat": ""},
        {"radius_m": 0},
        {"radius_m": 10**9},
        {"min_rating": "Infinity"},
        {"sort": "price"},
        {"q": "x" * 101},
        {"page_size": 0},
        {"page_token": "bm90aGluZw"},
        {"open": "perhaps"},
    ):
        refused(await customer.get("/merchants", **(here | wrong)), 422)
    refused(await customer.get("/merchants", **here, q="!!!"), 422, "NOTHING_TO_SEARCH")
