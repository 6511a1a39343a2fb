"""What a notification costs, at its first delivery and at further ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import pytest

from shared.adapters.firestore.database import Query, Snapshot, Write
from tests.unit.notifications import events
from tests.unit.notifications.events import CUSTOMER
from tests.unit.notifications.world import World

PHONE = f"{CUSTOMER}-phone"


def _count(world: World, monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Return the queries of inboxes and the writes from now on."""
    spent: Counter[str] = Counter()
    query, commit = world.database.query, world.database.commit

    async def asking(asked: Query) -> list[Snapshot]:
        spent["queries"] += asked.collection == "inbox"
        return await query(asked)

    async def writing(writes: Sequence[Write]) -> None:
        await commit(writes)
        spent["writes"] += len(writes)

    monkeypatch.setattr(world.database, "query", asking)
    monkeypatch.setattr(world.database, "commit", writing)
    return spent


async def test_a_notification_is_one_write_and_its_event_one_query(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    spent = _count(world, monkeypatch)
    await world.handle(events.captured())

    assert +spent == {"writes": 3, "queries": 1}
    assert set(world.push.sent.values()) == {1}


async def test_a_push_that_fails_is_one_write_and_its_later_success_another(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    spent = _count(world, monkeypatch)
    world.push.failing[PHONE] = 1
    with pytest.raises(Exception, match="push service"):
        await world.handle(events.placed())
    assert +spent == {"writes": 1, "queries": 1}

    await world.handle(events.placed())

    assert +spent == {"writes": 2, "queries": 2}


async def test_further_deliveries_cost_no_write(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    await world.handle(events.captured())
    spent = _count(world, monkeypatch)
    for _ in range(3):
        await world.handle(events.captured())

    assert +spent == {"queries": 3}
    assert set(world.push.sent.values()) == {1}
