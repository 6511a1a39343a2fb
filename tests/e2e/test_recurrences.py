"""Scheduled orders and recurrences."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.e2e.scene import ApiClient, Town, eventually, ok, refused

pytestmark = [pytest.mark.emulator, pytest.mark.mission("C5")]

PLACE_OCCURRENCES = "orders_cron/cron/place-occurrences"
SWEEP = "orders_cron/cron/sweep-orders"

NEVER: list[tuple[dict[str, Any], str]] = [
    ({"rule": "FREQ=SECONDLY"}, "RULE_INVALID"),
    ({"rule": "FREQ=DAILY;COUNT=0"}, "RULE_INVALID"),
    ({"rule": "FREQ=MONTHLY;BYDAY=MO"}, "RULE_INVALID"),
    ({"rule": "FREQ=DAILY;COUNT=" + "9" * 80}, "RULE_INVALID"),
    ({"rule": "FREQ=DAILY;FREQ=DAILY"}, "RULE_INVALID"),
    ({"timezone": "Asia/Atlantis"}, "ZONE_UNKNOWN"),
    ({"timezone": "../../etc/passwd"}, "ZONE_UNKNOWN"),
    ({"merchant_id": "mer_unheard_of"}, "MERCHANT_NOT_FOUND"),
    ({"items": [{"item_id": "itm_unheard_of", "quantity": 1}]}, "UNKNOWN_ITEM"),
    ({"dropoff": {"lat": -60.0, "lng": 10.0, "address": "Sea"}}, "OUT_OF_RANGE"),
]


def _ahead(**ahead: int) -> str:
    return (datetime.now(UTC) + timedelta(**ahead)).replace(microsecond=0).isoformat()


async def _orders(customer: ApiClient) -> list[dict[str, Any]]:
    orders: list[dict[str, Any]] = ok(await customer.get("/orders"))["orders"]
    return orders


async def _start(customer: ApiClient, town: Town, **changes: Any) -> dict[str, Any]:
    body = town.wish(rule="FREQ=DAILY", starts_at=_ahead(hours=23), **changes)
    return ok(await customer.post("/recurrences", body))


async def test_a_scheduled_order_reaches_the_kitchen_at_its_time_and_not_before(
    town: Town,
) -> None:
    slow = {
        "name": "Dosa Corner",
        "category": "south indian",
        "prep_minutes": 39,
        "location": {"lat": town.lat, "lng": town.lng},
        "address": "100 Feet Road",
    }
    ok(await town.staff.request("PUT", f"/merchants/{town.merchant_id}", json=slow))
    customer = await town.person()
    # The kitchen takes 39 minutes and the way 4: with ten minutes of slack, this order is due already.
    now = await town.place(customer, scheduled_for=_ahead(minutes=46))
    later = await town.paid(customer, scheduled_for=_ahead(hours=3))
    ahead = ok(await town.staff.post(f"/orders/{later}/confirm"))
    assert (ahead["fulfilment"], bool(ahead["confirmed_ahead_at"])) == ("scheduled", True)
    refused(await town.staff.post(f"/orders/{now}/confirm"), 409, "ORDER_NOT_PAID")
    await town.pay(customer, now)

    async def begun() -> bool:
        await town.run_job(SWEEP)
        return bool(ok(await customer.get(f"/orders/{now}"))["fulfilment"] == "placed")

    await eventually(begun)
    assert "order_activated" in await town.timeline(customer, now)
    ok(await town.staff.post(f"/orders/{now}/confirm"))
    assert ok(await customer.get(f"/orders/{later}"))["fulfilment"] == "scheduled"
    ok(await customer.post(f"/orders/{later}/cancel"))
    await town.until(customer, later, fulfilment="cancelled", payment="refunded")


async def test_a_time_outside_the_schedule_limits_is_refused(town: Town) -> None:
    customer = await town.person()
    past, far, beyond = "2020-01-01T00:00:00Z", "2200-01-01T00:00:00Z", "9999-12-31T23:59:59-23:59"

    for moment in (past, far, beyond, _ahead(minutes=40), "tomorrow", "2026-12-01T12:00:00", 1_800_000_000):
        refused(await customer.post("/quotes", town.wish(scheduled_for=moment), key=None), 422)
        recurrence = town.wish(rule="FREQ=DAILY", starts_at=moment)
        refused(await customer.post("/recurrences", recurrence), 422)


async def test_an_occurrence_is_placed_once_over_several_job_runs_and_its_customer_is_notified_and_pays(
    town: Town,
) -> None:
    customer = await town.person()
    body = town.wish(rule="FREQ=DAILY", starts_at=_ahead(hours=23), tip=1_000)
    clicks = [await customer.post("/recurrences", body, key="every-day") for _ in range(2)]
    assert len({ok(click)["id"] for click in clicks}) == 1
    [recurrence] = ok(await customer.get("/recurrences"))["recurrences"]
    occurrence = datetime.fromisoformat(recurrence["next_at"])
    assert occurrence == datetime.fromisoformat(body["starts_at"])

    await asyncio.gather(*(town.run_job(PLACE_OCCURRENCES) for _ in range(3)))
    await town.run_job(PLACE_OCCURRENCES)

    [order] = await _orders(customer)
    assert (order["fulfilment"], order["amounts"]["tip"]) == ("scheduled", 1_000)
    assert datetime.fromisoformat(order["scheduled_for"]) == occurrence
    after = ok(await customer.get(f"/recurrences/{recurrence['id']}"))
    assert (after["placed"], datetime.fromisoformat(after["next_at"])) == (1, occurrence + timedelta(days=1))
    await town.told(customer, "occurrence_placed.customer")
    await town.pay(customer, order["id"])
    assert ok(await customer.get(f"/orders/{order['id']}"))["fulfilment"] == "scheduled"


async def test_an_occurrence_can_be_skipped_and_the_recurrence_ended_and_placed_orders_stay(
    town: Town,
) -> None:
    customer = await town.person()
    recurrence = await _start(customer, town)
    path, first = f"/recurrences/{recurrence['id']}", datetime.fromisoformat(recurrence["next_at"])

    skips = [await customer.post(f"{path}/skip", key="not-tomorrow") for _ in range(2)]
    assert {ok(skip)["next_at"] for skip in skips} == {ok(skips[0])["next_at"]}
    assert datetime.fromisoformat(ok(skips[0])["next_at"]) == first + timedelta(days=1)
    refused(
        await customer.post(f"{path}/skip", {"occurrence": recurrence["next_at"]}),
        409,
        "OCCURRENCE_NOT_PENDING",
    )
    await town.run_job(PLACE_OCCURRENCES)
    assert await _orders(customer) == []

    other = await _start(customer, town)
    await town.run_job(PLACE_OCCURRENCES)
    [order] = await _orders(customer)
    for _ in range(2):
        assert ok(await customer.post(f"/recurrences/{other['id']}/end"))["next_at"] is None
    refused(await customer.post(f"/recurrences/{other['id']}/skip"), 409, "RECURRENCE_ENDED")
    await town.run_job(PLACE_OCCURRENCES)
    assert [one["id"] for one in await _orders(customer)] == [order["id"]]
    ok(await customer.post(f"/orders/{order['id']}/cancel"))


async def test_a_skipped_occurrence_names_its_reason_and_one_with_time_left_waits_for_a_retry(
    town: Town,
) -> None:
    customer = await town.person()
    body = town.wish(rule="FREQ=WEEKLY;COUNT=1", starts_at=_ahead(hours=23))
    once = ok(await customer.post("/recurrences", body))
    soon = town.wish(rule="FREQ=DAILY", starts_at=_ahead(minutes=90))
    doomed = ok(await customer.post("/recurrences", soon))
    items = [{"name": "Idli", "price": 6_000}]
    ok(await town.staff.request("PUT", f"/merchants/{town.merchant_id}/menu", json={"items": items}))

    await town.run_job(PLACE_OCCURRENCES)

    skipped = ok(await customer.get(f"/recurrences/{doomed['id']}"))
    assert (skipped["skipped"], skipped["placed"]) == ("UNKNOWN_ITEM", 0)
    assert skipped["skipped_at"] == doomed["next_at"]
    waiting = ok(await customer.get(f"/recurrences/{once['id']}"))
    assert (waiting["placed"], waiting["next_at"]) == (0, once["next_at"])  # there is time to try again
    assert await _orders(customer) == []


async def test_a_recurrence_that_can_never_work_is_refused(town: Town) -> None:
    customer = await town.person()
    for changes, code in NEVER:
        body = town.wish(rule="FREQ=DAILY", starts_at=_ahead(hours=23)) | changes
        refused(await customer.post("/recurrences", body), 422, code)

    assert ok(await customer.get("/recurrences"))["recurrences"] == []


async def test_a_foreign_recurrence_is_not_found(town: Town) -> None:
    customer, stranger = await town.person(), await town.person()
    recurrence = await _start(customer, town)
    path = f"/recurrences/{recurrence['id']}"

    refused(await stranger.get(path), 404, "RECURRENCE_NOT_FOUND")
    for step in ("skip", "end"):
        refused(await stranger.post(f"{path}/{step}"), 404, "RECURRENCE_NOT_FOUND")
        refused(await town.staff.post(f"{path}/{step}"), 404, "RECURRENCE_NOT_FOUND")
    assert ok(await customer.get(path)) == recurrence
    ok(await customer.post(f"{path}/end"))
