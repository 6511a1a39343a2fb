"""Slow dependencies in virtual time: 0.5 s a commit, 5 s a task. Offers keep their time, sweeps go on."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from shared.adapters.cloud_tasks import TIMEOUT_S
from shared.adapters.firestore.bookmarks import FirestoreBookmarks
from shared.adapters.firestore.codec import to_document
from shared.adapters.firestore.database import Write
from shared.dispatch.matching import Config
from shared.dispatch.usecases.sweep_offers import sweep_offers
from shared.kernel.batch import DEFAULT_LIMITS, Batch, longest_run
from shared.kernel.order import AssignmentState
from shared.orders.usecases.sweep_orders import sweep_orders
from tests.builders import NOW
from tests.fakes.database import MemoryDatabase
from tests.fakes.dispatch import MemoryDeadlines
from tests.simulation.loop import VirtualLoop
from tests.unit.dispatch.world import World
from tests.unit.orders.test_sweep import placed

COMMIT_S, TASK_S = 0.5, 5.0
SEARCHES, DRIVERS, DUE = 400, 400, 2_000


def clock() -> datetime:
    return NOW + timedelta(seconds=asyncio.get_running_loop().time())


class SlowDatabase(MemoryDatabase):
    """Takes half a second to commit once the load begins."""

    slow = False

    def __init__(self) -> None:
        super().__init__(clock)
        self.opened: dict[str, datetime] = {}
        """When each document was created."""

    async def commit(self, writes: Sequence[Write]) -> None:
        await asyncio.sleep(COMMIT_S if self.slow else 0)
        await super().commit(writes)
        self.opened |= {write.path: clock() for write in writes if write.operation == "create"}


class SlowDeadlines(MemoryDeadlines):
    """Takes five seconds to store a task, and calls nothing back."""

    async def schedule_offer_expiry(self, offer_id: str, at: datetime) -> None:
        await asyncio.sleep(TASK_S)
        await super().schedule_offer_expiry(offer_id, at)

    async def schedule_search(self, order_id: str, search_attempt: int, at: datetime) -> None:
        await asyncio.sleep(TASK_S)
        await super().schedule_search(order_id, search_attempt, at)


def virtually(work: Any) -> Any:
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(work())


def test_fault_10_slow_dependencies_shorten_no_offer_and_the_next_runs_go_on() -> None:
    async def load() -> None:
        database = SlowDatabase()
        config = Config(max_position_age=timedelta(hours=1))
        world = World(database=database, deadlines=SlowDeadlines(), config=config)
        searching = {"state": AssignmentState.SEARCHING.value, "since": NOW - timedelta(minutes=5)}
        for n in range(SEARCHES):
            order_id = world.add_order(id=f"ord_{n:03}")
            path = f"orders/{order_id}"
            database.seed(path, {**database.data(path), "assignment": searching})
        for n in range(DRIVERS):
            await world.add_driver(f"d{n:03}", 100 + n)
        database.slow = True
        batch = Batch(clock=clock, bookmarks=FirestoreBookmarks(database))
        runs = 0
        while len(world.offers()) < SEARCHES:
            began = clock()
            await sweep_offers(ports=world, batch=batch)
            assert clock() - began <= longest_run()
            runs += 1
            assert runs <= 4
        for offer in world.offers():
            assert offer.expires_at - database.opened[f"offers/{offer.id}"] >= config.offer_timeout

    virtually(load)


def test_fault_12_two_thousand_due_orders_are_swept_in_one_run_at_half_a_second_a_commit() -> None:
    async def load() -> None:
        database = SlowDatabase()
        world = World(database=database)
        due = replace(placed(), next_check_at=NOW - timedelta(minutes=20), placed_at=NOW - timedelta(hours=1))
        for n in range(DUE):
            one = replace(due, id=f"ord_{n:04}", quote_id=f"quo_{n}")
            database.seed(f"orders/{one.id}", to_document(one))
        database.slow = True
        result = await sweep_orders(orders=world.orders, batch=Batch(clock=clock))
        assert (result.done, result.failed, result.finished) == (DUE, 0, True)
        assert clock() - NOW <= timedelta(seconds=60)

    virtually(load)


def test_fault_10_a_slow_task_queue_is_waited_for_but_not_for_longer_than_an_offer_or_an_item_allows() -> (
    None
):
    assert TIMEOUT_S > TASK_S, "a call that takes so long would end without an answer, its task unknown"
    assert Config().offer_timeout.total_seconds() > 2 * TIMEOUT_S
    commits = 2 * 2 * COMMIT_S  # an offer expires and the next is made; each clears the outbox afterwards
    assert commits + TIMEOUT_S < DEFAULT_LIMITS.item_timeout.total_seconds()
