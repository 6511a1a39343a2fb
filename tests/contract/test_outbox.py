"""One suite for `Outbox`: every database alike."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shared.adapters.firestore.bookmarks import FirestoreBookmarks
from shared.adapters.firestore.outbox import FirestoreOutbox
from shared.kernel.event import Message
from tests.builders import NOW
from tests.contract.stores import Ground

BEFORE = NOW - timedelta(seconds=30)


@pytest.fixture
def outbox(ground: Ground) -> FirestoreOutbox:
    return FirestoreOutbox(ground.database)


def message(n: int, age_s: float) -> Message:
    type_ = "waybill.orders.order_ready.v1"
    at = NOW - timedelta(seconds=age_s)
    return Message(f"evt_{n}", "orders", type_, "ord_1", at, '{"note": "ठीक"}', "00-a-b-01", "req_1")


async def put(ground: Ground, *messages: Message) -> None:
    for one in messages:
        await ground.put(f"outbox/{one.id}", one)


async def test_stale_messages_come_oldest_first_with_all_their_fields(
    ground: Ground, outbox: FirestoreOutbox
) -> None:
    young, just, old, oldest = message(1, 29), message(2, 30), message(3, 31), message(4, 600)
    await put(ground, young, just, old, oldest)
    assert (await outbox.stale(BEFORE, 9)).items == [oldest, old]
    assert (await outbox.stale(BEFORE, 1)).items == [oldest]


async def test_pages_give_every_message_once_equal_times_included(
    ground: Ground, outbox: FirestoreOutbox
) -> None:
    await put(ground, *(message(n, 60) for n in range(5)))
    found, cursor = [], None
    for _ in range(3):
        page = await outbox.stale(BEFORE, 2, cursor)
        found += [one.id for one in page.items]
        cursor = page.next
    assert (found, cursor) == ([f"evt_{n}" for n in range(5)], None)


async def test_a_message_is_removed_and_removing_it_again_is_no_error(
    ground: Ground, outbox: FirestoreOutbox
) -> None:
    await put(ground, message(1, 60), message(2, 60))
    for _ in range(2):
        await outbox.remove(message(1, 60))
    assert (await outbox.stale(BEFORE, 9)).items == [message(2, 60)]


async def test_a_message_that_cannot_be_read_delays_no_other(ground: Ground, outbox: FirestoreOutbox) -> None:
    await ground.put("outbox/evt_1", {"time": NOW - timedelta(hours=1), "id": "evt_1"})
    await put(ground, message(2, 60))
    first = await outbox.stale(BEFORE, 1)
    assert first.items == []
    assert (await outbox.stale(BEFORE, 1, first.next)).items == [message(2, 60)]


async def test_an_entry_that_is_set_aside_is_moved_whole_and_once(
    ground: Ground, outbox: FirestoreOutbox
) -> None:
    await put(ground, message(1, 60))
    for _ in range(2):
        await outbox.set_aside("outbox/evt_1", "PUBLISH_REFUSED", NOW)
    assert await ground.ids("outbox") == []
    kept = await ground.data("outbox_set_aside/evt_1") or {}
    assert (kept["id"], kept["set_aside_because"], kept["set_aside_at"]) == ("evt_1", "PUBLISH_REFUSED", NOW)


async def test_an_unreadable_entry_is_named_by_its_path(ground: Ground, outbox: FirestoreOutbox) -> None:
    await ground.put("outbox/evt_1", {"time": NOW - timedelta(hours=1), "id": "evt_1"})
    assert (await outbox.stale(BEFORE, 9)).unreadable == ["outbox/evt_1"]


async def test_each_message_has_a_cursor_behind_it(ground: Ground, outbox: FirestoreOutbox) -> None:
    await put(ground, *(message(n, 60) for n in range(3)))
    page = await outbox.stale(BEFORE, 9)
    rest = await outbox.stale(BEFORE, 9, page.after[0])
    assert [one.id for one in rest.items] == ["evt_1", "evt_2"]


async def test_a_bookmark_is_where_the_last_run_stopped(ground: Ground) -> None:
    bookmarks = FirestoreBookmarks(ground.database)
    assert await bookmarks.get("outbox") is None
    await bookmarks.put("outbox", (NOW, "evt_1"))
    assert await bookmarks.get("outbox") == (NOW, "evt_1")
    assert await bookmarks.get("another-queue") is None
    await bookmarks.put("outbox", None)
    assert await bookmarks.get("outbox") is None
