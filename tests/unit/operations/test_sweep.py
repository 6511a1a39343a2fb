"""The sweeper publishes the events that a stopped process left in the outbox."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from shared.adapters.firestore.bookmarks import FirestoreBookmarks
from shared.adapters.firestore.codec import to_document
from shared.adapters.firestore.outbox import FirestoreOutbox
from shared.kernel.batch import DEFAULT_LIMITS, Batch
from shared.kernel.errors import Unavailable
from shared.kernel.event import Message
from shared.operations.usecases.plan_sweeps import plan_sweeps
from shared.operations.usecases.sweep_outbox import SweptOutbox, sweep_outbox
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
    return (await _sweep_all(database, bus)).published


async def _sweep_all(database: MemoryDatabase, bus: MemoryBus) -> SweptOutbox:
    batch = Batch(clock=lambda: NOW, bookmarks=FirestoreBookmarks(database))
    return await sweep_outbox(outbox=FirestoreOutbox(database), publisher=bus, batch=batch)


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
    assert set(database.collection("outbox")) == {"evt_0"}
    assert set(database.collection("outbox_set_aside")) == {"evt_bad"}


def _many(count: int, **changes: object) -> list[Message]:
    """Return events that are older than `LEFT`, so that they stand in front of it."""
    begin = NOW - timedelta(minutes=10)
    return [replace(LEFT, id=f"evt_{n:04}", time=begin, **changes) for n in range(count)]  # type: ignore[arg-type]


async def test_fault_11_events_that_the_bus_will_never_take_are_set_aside_and_those_behind_published(
    caplog: pytest.LogCaptureFixture,
) -> None:
    impossible = _many(100, topic="?")
    good = [replace(LEFT, id=f"evt_good_{n}") for n in range(5)]
    database, bus = _database(*impossible, *good), MemoryBus()

    swept = await _sweep_all(database, bus)

    assert (swept.published, swept.set_aside, swept.finished) == (5, 100, True)
    assert bus.messages == good
    assert database.collection("outbox") == {}
    assert len(database.collection("outbox_set_aside")) == 100
    reported = [record for record in caplog.records if record.getMessage() == "event_set_aside"]
    assert {vars(record)["code"] for record in reported} == {"PUBLISH_REFUSED"}
    assert len(reported) == 100


async def test_fault_11_a_hundred_unreadable_entries_are_set_aside_whole_and_the_sweep_says_so() -> None:
    database, bus = _database(LEFT), MemoryBus()
    for n in range(100):
        database.seed(f"outbox/bad_{n}", {"time": NOW - timedelta(minutes=10), "id": f"bad_{n}", "data": n})

    swept = await _sweep_all(database, bus)

    assert (swept.published, swept.set_aside) == (1, 100)
    kept = database.collection("outbox_set_aside")["bad_7"]
    assert (kept["data"], kept["set_aside_because"]) == (7, "UNREADABLE")
    assert await _sweep_all(database, bus) == SweptOutbox(0, 0, True)


async def test_fault_11_events_of_a_topic_that_is_missing_wait_for_it_and_hold_up_no_other() -> None:
    waiting = _many(100, topic="parcels")
    database, bus = _database(*waiting, LEFT), MemoryBus()
    bus.refused = {"parcels"}

    with pytest.raises(Unavailable, match="100 events"):
        await _sweep_all(database, bus)
    assert bus.messages == [LEFT]

    bus.refused = set()
    assert await _sweep_all(database, bus) == SweptOutbox(100, 0, True)


async def test_fault_12_two_thousand_events_are_published_in_one_run() -> None:
    database, bus = _database(*_many(2_000)), MemoryBus()
    assert await _sweep_all(database, bus) == SweptOutbox(2_000, 0, True)
