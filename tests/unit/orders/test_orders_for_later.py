"""Orders for later and recurring orders: what their people are notified of, and when they wait for whom."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, ClassVar

import pytest

from shared.profiles.preferences import Channel, Topic
from tests.fakes.runtime import NOW
from tests.unit.town import ASHA, DOSA, HOME, OWNER, Town

pytestmark = pytest.mark.mission("C5", "I1")

SOON = NOW + timedelta(minutes=56)
ETA = timedelta(minutes=18)
"""15 minutes to cook and 3 to drive."""
SLACK = timedelta(minutes=10)
BEGINS = SOON - ETA - SLACK
ORDERS_MUTED = [f"{Topic.ORDERS}.{Channel.PUSH}"]
EVERY_DAY = {"items": [DOSA], "dropoff": HOME, "rule": "FREQ=DAILY", "timezone": "Asia/Kolkata"}


@pytest.fixture
def town(monkeypatch: pytest.MonkeyPatch) -> Town:
    town = Town(monkeypatch)
    town.person(ASHA)
    town.person(OWNER)
    return town


@pytest.fixture
async def shop(town: Town) -> str:
    return await town.shop()


async def _paid(town: Town, shop: str, at: datetime = SOON) -> str:
    order = await town.ordered(shop, scheduled_for=at.isoformat())
    await town.pay(order["id"])
    await town.deliver()
    return str(order["id"])


async def test_fault_20_at_payment_both_sides_are_notified_for_when_the_order_is(
    town: Town, shop: str
) -> None:
    await _paid(town, shop)

    assert town.inbox(OWNER) == [
        (
            "payment_captured_for_later.merchant",
            "New order for 2026-11-20 18:26",
            "It is paid. Confirm it ahead if you like; we notify you at its time.",
        )
    ]
    assert town.inbox(ASHA) == [
        (
            "order_placed_for_later.customer",
            "We have your order for 2026-11-20 18:26",
            "Pay it by 2026-11-20 17:45 to keep it.",
        ),
        (
            "payment_captured_for_later.customer",
            "Payment received",
            "INR 277.00 received. Your order is for 2026-11-20 18:26.",
        ),
    ]


async def test_fault_20_the_staff_are_notified_again_when_an_order_is_to_be_begun_whatever_they_silenced(
    town: Town, shop: str
) -> None:
    town.person(OWNER, muted=ORDERS_MUTED)
    order_id = await _paid(town, shop)
    town.clock.now = BEGINS - timedelta(seconds=1)
    await town.sweep()
    assert town.pushed(OWNER) == []

    town.clock.now = BEGINS
    await town.sweep()

    assert town.inbox(OWNER)[1:] == [
        (
            "order_to_confirm.merchant",
            "Begin the order for 2026-11-20 18:26",
            "It is paid and waiting for you to confirm it now.",
        )
    ]
    assert town.pushed(OWNER) == ["Begin the order for 2026-11-20 18:26"]
    assert (await town.order(order_id))["fulfilment"] == "placed"


async def test_fault_20_an_order_confirmed_ahead_waits_for_its_time_and_then_to_be_prepared(
    town: Town, shop: str
) -> None:
    order_id = await _paid(town, shop)

    ahead = await town.done(OWNER, "POST", f"/orders/{order_id}/confirm")
    await town.deliver()

    assert (ahead["fulfilment"], ahead["confirmed_ahead_at"]) == ("scheduled", "2026-11-20T12:00:00Z")
    assert ahead["activates_at"] == BEGINS.isoformat().replace("+00:00", "Z")
    assert town.inbox(ASHA)[-1] == (
        "order_confirmed_ahead.customer",
        "Order confirmed",
        "Your order for 2026-11-20 18:26 is confirmed.",
    )
    again = await town.call(OWNER, "POST", f"/orders/{order_id}/confirm")
    early = await town.call(OWNER, "POST", f"/orders/{order_id}/prepare")
    assert [again.json()["code"], early.json()["code"]] == ["ILLEGAL_TRANSITION"] * 2

    town.clock.now = BEGINS
    await town.sweep()
    assert (await town.order(order_id))["fulfilment"] == "confirmed"
    assert town.inbox(OWNER)[-1] == (
        "order_to_prepare.merchant",
        "Begin the order for 2026-11-20 18:26",
        "You have confirmed it. Please prepare it now.",
    )
    await town.done(OWNER, "POST", f"/orders/{order_id}/prepare")


async def test_fault_20_an_order_confirmed_ahead_is_not_cancelled_as_unconfirmed(
    town: Town, shop: str
) -> None:
    order_id = await _paid(town, shop)
    await town.done(OWNER, "POST", f"/orders/{order_id}/confirm")
    for minutes in (0, 5, 9, 11, 20):
        town.clock.now = BEGINS + timedelta(minutes=minutes)
        await town.sweep()

    assert (await town.order(order_id))["fulfilment"] == "confirmed"
    assert town.inbox(OWNER)[-1][0] == "order_reminder_raised.merchant", "it waits for them since it began"


async def test_fault_20_an_order_that_nobody_confirms_is_cancelled_ten_minutes_after_it_was_to_be_begun(
    town: Town, shop: str
) -> None:
    order_id = await _paid(town, shop)
    for at in (BEGINS - timedelta(minutes=1), BEGINS, BEGINS + timedelta(minutes=9)):
        town.clock.now = at
        await town.sweep()
        assert (await town.order(order_id))["fulfilment"] in ("scheduled", "placed")

    town.clock.now = BEGINS + timedelta(minutes=10)
    await town.sweep()

    assert (await town.order(order_id))["fulfilment"] == "cancelled"


async def test_fault_20_an_order_for_later_is_not_confirmed_before_it_is_paid(town: Town, shop: str) -> None:
    order = await town.ordered(shop, scheduled_for=SOON.isoformat())

    refused = await town.call(OWNER, "POST", f"/orders/{order['id']}/confirm")

    assert (refused.status_code, refused.json()["code"]) == (409, "ORDER_NOT_PAID")


async def test_fault_20_a_cancelled_order_for_later_is_named_by_its_time_and_nothing_is_to_be_stopped(
    town: Town, shop: str
) -> None:
    order_id = await _paid(town, shop)

    await town.done(ASHA, "POST", f"/orders/{order_id}/cancel", {})
    await town.deliver()

    assert town.inbox(OWNER)[-1] == (
        "order_for_later_cancelled.merchant",
        "Order for 2026-11-20 18:26 cancelled",
        "You need not begin it.",
    )


async def test_fault_20_the_staff_hear_nothing_of_an_order_that_was_never_paid(town: Town, shop: str) -> None:
    await town.ordered(shop)
    await town.ordered(shop, scheduled_for=SOON.isoformat())
    town.clock.forward(minutes=20)

    assert (await town.sweep()).done == 2

    assert town.inbox(OWNER) == []
    assert len(town.inbox(ASHA)) == 4


async def test_fault_20_times_are_shown_by_the_clocks_of_the_shop(town: Town, shop: str) -> None:
    await town.done(OWNER, "PUT", f"/merchants/{shop}/hours", {"timezone": "Asia/Tokyo"})
    await _paid(town, shop)
    assert town.inbox(OWNER)[0][1] == "New order for 2026-11-20 21:56"


class TestOpeningTimes:
    """The shop opens at 10 in the morning, 16 and a half hours after NOW."""

    OPENS = datetime.fromisoformat("2026-11-21T10:00:00+05:30")
    HOURS: ClassVar[dict[str, Any]] = {
        "timezone": "Asia/Kolkata",
        "weekly": [{"day": "saturday", "opens": "10:00", "closes": "22:00"}],
    }

    @pytest.fixture
    async def shop(self, town: Town) -> str:
        shop_id = await town.shop()
        await town.done(OWNER, "PUT", f"/merchants/{shop_id}/hours", self.HOURS)
        return shop_id

    async def test_fault_20_an_order_that_would_be_begun_before_the_shop_opens_is_refused_with_the_reason(
        self, town: Town, shop: str
    ) -> None:
        refused = await town.quote(shop, scheduled_for=(self.OPENS + timedelta(minutes=10)).isoformat())

        assert (refused.status_code, refused.json()["code"]) == (409, "MERCHANT_CLOSED")
        assert refused.json()["detail"] == (
            "The merchant would begin this order at 09:52, when it is closed; choose another time."
        )

    async def test_fault_20_no_time_to_confirm_passes_before_the_shop_opens(
        self, town: Town, shop: str
    ) -> None:
        order_id = await _paid(town, shop, self.OPENS + ETA)
        for minutes in (-10, -5, -1):
            town.clock.now = self.OPENS + timedelta(minutes=minutes)
            await town.sweep()
            assert (await town.order(order_id))["fulfilment"] == "scheduled"

        town.clock.now = self.OPENS
        await town.sweep()
        assert town.inbox(OWNER)[-1][0] == "order_to_confirm.merchant"
        town.clock.forward(minutes=9)
        await town.sweep()
        await town.done(OWNER, "POST", f"/orders/{order_id}/confirm")

    async def test_fault_20_a_shop_that_is_closed_now_takes_an_order_for_its_next_day(
        self, town: Town, shop: str
    ) -> None:
        assert (await town.quote(shop)).json()["code"] == "MERCHANT_CLOSED"
        assert await _paid(town, shop, self.OPENS + timedelta(hours=2))


class TestRecurring:
    STARTS = NOW + timedelta(days=2)

    async def _series(self, town: Town, shop: str) -> dict[str, Any]:
        body = {**EVERY_DAY, "merchant_id": shop, "starts_at": self.STARTS.isoformat()}
        return await town.done(ASHA, "POST", "/recurrences", body)

    async def test_fault_20_the_customer_of_an_occurrence_is_notified_to_pay_it_whatever_they_have_silenced(
        self, town: Town, shop: str
    ) -> None:
        town.person(ASHA, muted=ORDERS_MUTED)
        await self._series(town, shop)
        town.clock.now = self.STARTS - timedelta(days=1)

        await town.place_occurrences()

        assert town.inbox(ASHA) == [
            (
                "occurrence_placed.customer",
                "Your recurring order for 2026-11-22 17:30",
                "Pay it by 2026-11-21 23:30, or it is cancelled.",
            )
        ]
        assert town.pushed(ASHA) == ["Your recurring order for 2026-11-22 17:30"]

    async def test_fault_20_a_paid_occurrence_says_for_when_it_is_and_again_when_it_is_to_be_begun(
        self, town: Town, shop: str
    ) -> None:
        await self._series(town, shop)
        town.clock.now = self.STARTS - timedelta(days=1)
        await town.place_occurrences()
        [order] = (await town.done(ASHA, "GET", "/orders"))["orders"]
        await town.pay(order["id"])
        await town.deliver()
        town.clock.now = self.STARTS - ETA - SLACK

        await town.sweep()

        assert [template for template, _, _ in town.inbox(OWNER)] == [
            "payment_captured_for_later.merchant",
            "order_to_confirm.merchant",
        ]

    async def test_fault_20_the_customer_is_notified_of_an_occurrence_that_could_not_be_placed(
        self, town: Town, shop: str
    ) -> None:
        await self._series(town, shop)
        await town.done(OWNER, "POST", f"/merchants/{shop}/close")
        town.clock.now = self.STARTS - timedelta(hours=3)
        await town.place_occurrences()
        assert town.inbox(ASHA) == [], "it is tried again"

        town.clock.now = self.STARTS - timedelta(hours=2)
        await town.place_occurrences()

        assert town.inbox(ASHA) == [
            (
                "occurrence_skipped.customer",
                "No recurring order for 2026-11-22 17:30",
                "It could not be placed. Open the app to read why.",
            )
        ]
        [shown] = (await town.done(ASHA, "GET", "/recurrences"))["recurrences"]
        assert shown["skipped"] == "MERCHANT_CLOSED"

    async def test_fault_20_an_occurrence_that_the_customer_skips_needs_no_notification(
        self, town: Town, shop: str
    ) -> None:
        series = await self._series(town, shop)
        await town.done(ASHA, "POST", f"/recurrences/{series['id']}/skip", {})
        await town.deliver()
        assert town.inbox(ASHA) == []
