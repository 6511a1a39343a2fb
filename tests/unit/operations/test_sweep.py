"""The sweeper publishes the events that a stopped process left in the outbox."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from shared.adapters.firestore.codec import to_document
from shared.adapters.firestore.outbox import FirestoreOutbox
from shared.kernel.batch import DEFAULT_LIMITS
from shared.kernel.errors import Unavailable
from shared.kernel.event import Message
from shared.operations.usecases.plan_sweeps import plan_sweeps
from shared.operations.usecases.sweep_outbox import sweep_outbox
from tests.fakes.bus import MemoryBus
from tests.fakes.database import MemoryDatabase

NOW = datetime(2026, 11, 20, 12, 0, 7, tzinfo=UTC)
LEFT = Message("evt_1", "orders", "waybill.orders.order_placed.v1", "ord_1", NOW - timedelta(minutes=1), "{}")

COUNT = DEFAULT_LIMITS.page_size + 5


def _database(*messages: Message) -> MemoryDatabase:
    database = MemoryDatabase()
    for message in messages:
        database.seed(f"outbox/{message.id}", to_document(message))
    return database


async def _sweep(database: MemoryDatabase, bus: MemoryBus) -> int:
    return (await sweep_outbox(outbox=FirestoreOutbox(database), publisher=bus, clock=lambda: NOW)).done


async def test_an_event_older_than_thirty_seconds_is_published_unchanged_and_removed() -> None:
    database, bus = _database(LEFT), MemoryBus()

    assert await _sweep(database, bus) == 1
    assert bus.messages == [LEFT]
    assert database.collection("outbox") == {}


async def test_a_younger_event_is_left_to_its_own_process() -> None:
    database, bus = _database(replace(LEFT, time=NOW - timedelta(seconds=30))), MemoryBus()

    assert await _sweep(database, bus) == 0
    assert len(database.collection("outbox")) == 1


async def test_more_than_one_page_is_swept_oldest_first() -> None:
    late = [
        replace(LEFT, id=f"evt_{n:04}", time=NOW - timedelta(minutes=10, seconds=-n)) for n in range(COUNT)
    ]
    bus = MemoryBus()

    assert await _sweep(_database(*reversed(late)), bus) == COUNT
    assert [message.id for message in bus.messages] == [message.id for message in late]


async def test_an_event_that_the_bus_refuses_stays() -> None:
    database, bus = _database(LEFT), MemoryBus()
    bus.down = True

    with pytest.raises(Unavailable):
        await _sweep(database, bus)
    assert len(database.collection("outbox")) == 1


async def test_two_more_sweeps_are_scheduled_at_fixed_times_of_each_minute() -> None:
    asked: list[datetime] = []

    class Queue:
        async def sweep_at(self, at: datetime) -> None:
            asked.append(at)

    await plan_sweeps(queue=Queue(), now=NOW)

    assert [at.second for at in asked] == [20, 40]


async def test_an_entry_that_cannot_be_read_or_published_delays_no_other() -> None:
    class Choosy(MemoryBus):
        async def publish(self, messages: Sequence[Message]) -> None:
            if any(message.topic == "no-such-topic" for message in messages):
                raise Unavailable
            await super().publish(messages)

    early = NOW - timedelta(minutes=5)
    database = _database(replace(LEFT, id="evt_0", topic="no-such-topic", time=early), LEFT)
    database.seed("outbox/evt_bad", {"time": early, "id": "evt_bad"})
    bus = Choosy()

    with pytest.raises(Unavailable):
        await _sweep(database, bus)

    assert bus.messages == [LEFT]
    assert set(database.collection("outbox")) == {"evt_0", "evt_bad"}
