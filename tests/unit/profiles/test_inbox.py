"""Marking notifications as read, one and all, through the API."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shared.adapters.firestore.database import CommitRefused
from shared.adapters.firestore.profiles import BATCH
from tests.fakes.runtime import NOW
from tests.unit.town import ASHA, OWNER, Town

pytestmark = pytest.mark.mission("I1")

PATH = "/me/notifications"


@pytest.fixture
def town(monkeypatch: pytest.MonkeyPatch) -> Town:
    return Town(monkeypatch)


def _fill(town: Town, uid: str, count: int) -> None:
    for n in range(count):
        entry = {
            "id": f"ntf_{n:04}",
            "event_id": f"evt_{n}",
            "template": "order_placed.customer",
            "title": "T",
        }
        more = {"body": "B", "order_id": "ord_1", "at": NOW + timedelta(seconds=n), "read": False}
        town.database.seed(f"users/{uid}/inbox/ntf_{n:04}", entry | more)


async def _unread(town: Town, uid: str = ASHA) -> int:
    return int((await town.done(uid, "GET", PATH))["unread"])


async def test_fault_19_one_notification_is_marked_as_read_and_stays_so(town: Town) -> None:
    _fill(town, ASHA, 3)

    for _ in range(2):
        marked = await town.done(ASHA, "POST", f"{PATH}/ntf_0001/read")
        assert (marked["id"], marked["read"]) == ("ntf_0001", True)

    page = await town.done(ASHA, "GET", PATH)
    assert [entry["read"] for entry in page["notifications"]] == [False, True, False]
    assert page["unread"] == 2


async def test_fault_19_all_notifications_are_marked_as_read_however_many(town: Town) -> None:
    _fill(town, ASHA, 2 * BATCH + 7)
    _fill(town, OWNER, 2)

    assert await town.done(ASHA, "POST", f"{PATH}/read") == {"marked": 2 * BATCH + 7}
    assert await town.done(ASHA, "POST", f"{PATH}/read") == {"marked": 0}

    assert (await _unread(town), await _unread(town, OWNER)) == (0, 2)


async def test_fault_19_nobody_marks_the_notifications_of_others(town: Town) -> None:
    _fill(town, ASHA, 1)

    refused = await town.call(OWNER, "POST", f"{PATH}/ntf_0000/read")

    assert (refused.status_code, refused.json()["code"]) == (404, "NOTIFICATION_NOT_FOUND")
    assert await town.done(OWNER, "POST", f"{PATH}/read") == {"marked": 0}
    assert await _unread(town) == 1


async def test_fault_19_a_mark_keeps_the_rest_of_the_notification(town: Town) -> None:
    _fill(town, ASHA, 1)
    before = town.database.data(f"users/{ASHA}/inbox/ntf_0000")
    await town.done(ASHA, "POST", f"{PATH}/ntf_0000/read")
    assert town.database.data(f"users/{ASHA}/inbox/ntf_0000") == before | {"read": True}


async def test_a_notification_that_is_deleted_meanwhile_stops_no_other(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    _fill(town, ASHA, 3)
    commit, refusals = town.database.commit, [CommitRefused()]

    async def once(writes: object) -> None:
        if refusals:
            raise refusals.pop()
        await commit(writes)  # type: ignore[arg-type]

    monkeypatch.setattr(town.database, "commit", once)
    assert await town.done(ASHA, "POST", f"{PATH}/read") == {"marked": 3}


async def test_fault_19_the_driver_reads_the_notes_of_the_address_on_the_order_and_nobody_after_its_end(
    town: Town,
) -> None:
    shop = await town.shop()
    home = {"lat": 12.9719, "lng": 77.6412, "address": "12th Main", "notes": "Gate code 4711, ring twice"}
    order = await town.ordered(shop, dropoff=home)
    town.database.docs[f"orders/{order['id']}"][0]["assignment"].update(state="assigned", driver_id="imran")

    assert (await town.order(order["id"], uid="imran"))["dropoff"] == home
    await town.done(ASHA, "POST", f"/orders/{order['id']}/cancel", {})

    after = await town.order(order["id"], uid="imran")
    assert (after["dropoff"]["notes"], after["dropoff"]["address"]) == ("", "")
    assert (await town.order(order["id"]))["dropoff"]["notes"] == home["notes"]
    again = await town.done(ASHA, "POST", f"/orders/{order['id']}/reorder", {})
    placed = (await town.place(again["id"])).json()
    assert placed["dropoff"] == home
