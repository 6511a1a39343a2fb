"""Unpaid orders: what one customer can hold with them is limited, and ends."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest

from tests.fakes.runtime import NOW
from tests.unit.town import ASHA, DOSA, HOME, OWNER, Town

pytestmark = pytest.mark.mission("B1", "B2", "C1", "C5")

CAKE = {"item_id": "itm_cake", "quantity": 1}
DEV = "dev"


@pytest.fixture
def town(monkeypatch: pytest.MonkeyPatch) -> Town:
    town = Town(monkeypatch)
    town.person(ASHA)
    return town


@pytest.fixture
async def shop(town: Town) -> str:
    return await town.shop()


async def _try(town: Town, shop: str, *items: Any, uid: str = ASHA, **more: Any) -> httpx.Response:
    quoted = await town.quote(shop, *items, uid=uid, **more)
    assert quoted.status_code == 201, quoted.text
    return await town.place(quoted.json()["id"], uid=uid)


def _is_refused(answer: httpx.Response) -> bool:
    return (answer.status_code, answer.json()["code"]) == (409, "TOO_MANY_UNPAID_ORDERS")


async def _series(town: Town, shop: str, uid: str = ASHA, **more: Any) -> dict[str, Any]:
    starts = (NOW + timedelta(days=2)).isoformat()
    body = {"merchant_id": shop, "items": [DOSA], "dropoff": HOME, "rule": "FREQ=DAILY", "starts_at": starts}
    return await town.done(uid, "POST", "/recurrences", body | more)


async def _day(town: Town, number: int) -> None:
    """Run a day's jobs: place the occurrence of a day later, and end those that nobody paid."""
    town.clock.now = NOW + timedelta(days=1 + number)
    await town.place_occurrences()
    town.clock.forward(hours=7)
    await town.sweep()


class TestAtOnce:
    async def test_fault_13_one_customer_cannot_fill_the_kitchen_with_orders_that_are_not_paid(
        self, town: Town, shop: str
    ) -> None:
        await town.done(OWNER, "PUT", f"/merchants/{shop}/capacity", {"max_open_orders": 3})

        answers = [await _try(town, shop) for _ in range(10)]

        assert [answer.status_code for answer in answers[:2]] == [201, 201]
        assert all(map(_is_refused, answers[2:]))
        assert (await _try(town, shop, uid=DEV)).status_code == 201

    async def test_fault_13_one_customer_cannot_take_all_stock_with_orders_that_are_not_paid(
        self, town: Town, shop: str
    ) -> None:
        await town.done(OWNER, "PUT", f"/merchants/{shop}/stock/itm_cake", {"on_hand": 5})

        answers = [await _try(town, shop, CAKE) for _ in range(4)]

        assert sum(answer.status_code == 201 for answer in answers) == 2
        assert (await _try(town, shop, {**CAKE, "quantity": 3}, uid=DEV)).status_code == 201

    async def test_fault_13_of_many_requests_at_once_as_many_succeed_as_one_after_the_other(
        self, town: Town, shop: str
    ) -> None:
        quotes = [(await town.quote(shop)).json()["id"] for _ in range(6)]

        answers = await asyncio.gather(*map(town.place, quotes))

        assert sum(answer.status_code == 201 for answer in answers) == 2

    async def test_fault_13_paying_or_cancelling_one_makes_room(self, town: Town, shop: str) -> None:
        first, second = [(await _try(town, shop)).json()["id"] for _ in range(2)]
        refused = await _try(town, shop)
        assert refused.json()["detail"] == (
            "You have 2 orders at this merchant that are not paid. Pay or cancel one first."
        )

        await town.pay(first)
        assert (await _try(town, shop)).status_code == 201
        await town.done(ASHA, "POST", f"/orders/{second}/cancel", {})
        assert (await _try(town, shop)).status_code == 201
        assert _is_refused(await _try(town, shop))

    async def test_fault_13_paid_orders_do_not_count(self, town: Town, shop: str) -> None:
        for _ in range(12):
            await town.pay((await _try(town, shop)).json()["id"])
        assert (await _try(town, shop)).status_code == 201

    async def test_fault_13_orders_for_later_count_alike(self, town: Town, shop: str) -> None:
        later = (NOW + timedelta(days=3)).isoformat()
        answers = [await _try(town, shop, scheduled_for=later) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [201, 201, 409]

    async def test_fault_13_a_customer_has_five_unpaid_orders_at_all_merchants_together(
        self, town: Town
    ) -> None:
        shops = [await town.shop(owner=f"owner-{n}") for n in range(4)]
        answers = [await _try(town, shop) for shop in shops for _ in range(2)]
        assert [answer.status_code for answer in answers] == [201] * 5 + [409] * 3


class TestAgainAndAgain:
    async def test_fault_13_the_same_goods_cannot_be_held_again_every_quarter_of_an_hour(
        self, town: Town, shop: str
    ) -> None:
        held = []
        for _ in range(16):
            held.append((await _try(town, shop)).status_code == 201)
            town.clock.forward(minutes=16)
            await town.sweep()

        assert sum(held[:8]) == 3, "in two hours"
        assert sum(held) <= 7, "in four"

    async def test_fault_13_cancelling_just_before_the_timeout_holds_no_longer(
        self, town: Town, shop: str
    ) -> None:
        answers = []
        for _ in range(8):
            answers.append(await _try(town, shop))
            town.clock.forward(minutes=14)
            if answers[-1].status_code == 201:
                await town.done(ASHA, "POST", f"/orders/{answers[-1].json()['id']}/cancel", {})

        assert sum(answer.status_code == 201 for answer in answers) == 4
        assert _is_refused(answers[-1])

    async def test_fault_13_whoever_cancels_at_once_and_orders_again_is_not_refused(
        self, town: Town, shop: str
    ) -> None:
        for _ in range(10):
            placed = await _try(town, shop)
            town.clock.forward(seconds=40)
            await town.done(ASHA, "POST", f"/orders/{placed.json()['id']}/cancel", {})

    async def test_fault_13_what_the_merchant_called_off_does_not_count(self, town: Town, shop: str) -> None:
        for _ in range(5):
            placed = await _try(town, shop)
            town.clock.forward(minutes=14)
            await town.done(OWNER, "POST", f"/orders/{placed.json()['id']}/cancel", {})

    async def test_fault_13_after_two_hours_the_customer_orders_again(self, town: Town, shop: str) -> None:
        for _ in range(3):
            assert (await _try(town, shop)).status_code == 201
            town.clock.forward(minutes=15)
            await town.sweep()
        assert _is_refused(await _try(town, shop))

        town.clock.forward(hours=2)
        assert (await _try(town, shop)).status_code == 201


class TestBlocked:
    async def test_fault_13_a_block_releases_what_the_customer_has_not_paid(
        self, town: Town, shop: str
    ) -> None:
        await town.done(OWNER, "PUT", f"/merchants/{shop}/capacity", {"max_open_orders": 2})
        await town.done(OWNER, "PUT", f"/merchants/{shop}/stock/itm_cake", {"on_hand": 2})
        now, later = (NOW + timedelta(days=2)).isoformat(), None
        first = (await _try(town, shop, CAKE)).json()["id"]
        later = (await _try(town, shop, CAKE, scheduled_for=now)).json()["id"]
        assert (await town.quote(shop, CAKE, uid=DEV)).json()["code"] == "OUT_OF_STOCK"

        block = {"order_id": first, "reason": "Never pays"}
        await town.done(OWNER, "POST", f"/merchants/{shop}/blocks", block)
        await town.deliver()

        assert [(await town.order(id_))["fulfilment"] for id_ in (first, later)] == ["cancelled"] * 2
        assert (await _try(town, shop, {**CAKE, "quantity": 2}, uid=DEV)).status_code == 201

    async def test_fault_13_paid_orders_and_those_of_others_or_at_other_shops_go_on(
        self, town: Town, shop: str
    ) -> None:
        other = await town.shop(owner="meera")
        paid = (await _try(town, shop)).json()["id"]
        await town.pay(paid)
        elsewhere, theirs = (await _try(town, other)).json(), (await _try(town, shop, uid=DEV)).json()

        await town.done(OWNER, "POST", f"/merchants/{shop}/blocks", {"order_id": paid, "reason": "Rude"})
        await town.deliver()

        assert (await town.order(paid))["fulfilment"] == "placed"
        assert (await town.order(elsewhere["id"]))["fulfilment"] == "placed"
        assert (await town.order(theirs["id"], uid=DEV))["fulfilment"] == "placed"

    async def test_fault_13_money_that_comes_after_the_block_goes_back(self, town: Town, shop: str) -> None:
        order = (await _try(town, shop)).json()["id"]
        await town.done(OWNER, "POST", f"/merchants/{shop}/blocks", {"order_id": order, "reason": "Rude"})
        body = {"order_id": order, "method": "upi_intent"}
        link = (await town.done(ASHA, "POST", "/payments", body))["link"]
        await town.deliver()

        await town.captured(link, order)
        await town.deliver()

        assert town.gateway.refunded_total() == town.gateway.captured() > 0


class TestRecurring:
    async def test_fault_13_a_series_ends_after_three_occurrences_that_nobody_paid(
        self, town: Town, shop: str
    ) -> None:
        series = await _series(town, shop)
        for number in range(3):
            await _day(town, number)
            shown = await town.done(ASHA, "GET", f"/recurrences/{series['id']}")
            assert (shown["placed"], shown["ended"]) == (number + 1, "")

        await _day(town, 3)

        shown = await town.done(ASHA, "GET", f"/recurrences/{series['id']}")
        assert (shown["placed"], shown["next_at"], shown["ended"]) == (3, None, "RECURRENCE_UNPAID")
        assert town.inbox(ASHA)[-1][0] == "recurrence_stopped.customer"
        await _day(town, 4)
        assert len((await town.done(ASHA, "GET", "/orders"))["orders"]) == 3

    async def test_fault_13_one_paid_occurrence_in_three_lets_it_go_on(self, town: Town, shop: str) -> None:
        series = await _series(town, shop)
        for number in range(6):
            town.clock.now = NOW + timedelta(days=1 + number)
            await town.place_occurrences()
            newest = (await town.done(ASHA, "GET", "/orders"))["orders"][0]
            if number % 3 == 2:
                await town.pay(newest["id"])
            town.clock.forward(hours=7)
            await town.sweep()

        shown = await town.done(ASHA, "GET", f"/recurrences/{series['id']}")
        assert (shown["placed"], shown["ended"]) == (6, "")

    async def test_fault_13_many_series_together_hold_no_more_than_other_orders(
        self, town: Town, shop: str
    ) -> None:
        for _ in range(6):
            await _series(town, shop)
        town.clock.now = NOW + timedelta(days=1)

        await town.place_occurrences()

        assert len((await town.done(ASHA, "GET", "/orders"))["orders"]) == 2

    async def test_fault_13_a_series_that_can_never_be_placed_ends_too(self, town: Town, shop: str) -> None:
        series = await _series(town, shop)
        await town.done(OWNER, "POST", f"/merchants/{shop}/close")
        for number in range(12):
            town.clock.now = NOW + timedelta(days=1 + number, hours=22)
            await town.place_occurrences()

        shown = await town.done(ASHA, "GET", f"/recurrences/{series['id']}")
        assert (shown["placed"], shown["next_at"], shown["ended"]) == (0, None, "MERCHANT_CLOSED")
        templates = [template for template, _, _ in town.inbox(ASHA)]
        assert templates == ["occurrence_skipped.customer"] * 10 + ["recurrence_stopped.customer"]
