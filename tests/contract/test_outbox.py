"""One suite for `Outbox`: every database alike."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shared.adapters.firestore.outbox import FirestoreOutbox
from shared.kernel.event import Message
from tests.builders import NOW
from tests.contract.stores import Ground

AGE = timedelta(seconds=30)


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


async def test_what_waits_too_long_comes_oldest_first_as_it_was_told(
    ground: Ground, outbox: FirestoreOutbox
) -> None:
    young, just, old, oldest = message(1, 29), message(2, 30), message(3, 31), message(4, 600)
    await put(ground, young, just, old, oldest)
    assert await outbox.stale(NOW, AGE, 9) == [oldest, old]
    assert await outbox.stale(NOW, AGE, 1) == [oldest]


async def test_a_message_is_removed_once_and_for_all(ground: Ground, outbox: FirestoreOutbox) -> None:
    await put(ground, message(1, 60), message(2, 60))
    for _ in range(2):
        await outbox.remove([message(1, 60), message(7, 60)])
    assert await outbox.stale(NOW, AGE, 9) == [message(2, 60)]


async def test_a_message_that_cannot_be_read_stops_no_other(ground: Ground, outbox: FirestoreOutbox) -> None:
    await ground.put("outbox/evt_1", {"time": NOW - timedelta(hours=1)})
    await put(ground, message(2, 60))
    assert await outbox.stale(NOW, AGE, 9) == [message(2, 60)]
