"""The batch runner: poison, hanging items, time limits and concurrency, in virtual time."""

from __future__ import annotations

import asyncio
import gc
import logging
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.kernel.batch import BatchResult, Cursor, Limits, Page, Queue, run_queue, run_queues
from shared.kernel.errors import DomainError, NotFound, Unavailable
from tests.simulation.loop import VirtualLoop

BEGIN = datetime(2026, 11, 20, 12, tzinfo=UTC)


class Nonsense(Exception):
    """An error that no queue expects."""


@dataclass
class Shelf:
    """Numbers that are due, some of which cannot be handled; each takes `seconds`."""

    count: int
    broken: dict[int, Exception] = field(default_factory=dict)
    seconds: float = 1.0
    handled: list[int] = field(default_factory=list)
    times: list[datetime] = field(default_factory=list)
    running: int = 0
    most: int = 0

    async def load(self, _: datetime, limit: int, cursor: Cursor | None) -> Page[int]:
        first = cursor[0] + 1 if cursor else 0
        items = range(first, min(first + limit, self.count))
        return Page(items, (items[-1],) if len(items) == limit else None)

    async def handle(self, item: int, now: datetime) -> bool:
        self.running += 1
        self.most = max(self.most, self.running)
        try:
            await asyncio.sleep(self.seconds)
        finally:
            self.running -= 1
        if error := self.broken.get(item):
            raise error
        self.handled.append(item)
        self.times.append(now)
        return item % 2 == 0

    def queue(self, **changed: Any) -> Queue[int]:
        return Queue(name="order_id", key=str, load=self.load, handle=self.handle, **changed)


def clock() -> datetime:
    return BEGIN + timedelta(seconds=asyncio.get_running_loop().time())


def virtually(work: Callable[[], Awaitable[Any]]) -> Any:
    """Run `work` on a loop whose time passes at once."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:

        async def main() -> Any:
            return await work()

        return runner.run(main())


def run(shelf: Shelf, limits: Limits | None = None, **changed: Any) -> BatchResult:
    result: BatchResult = virtually(
        lambda: run_queue(shelf.queue(**changed), clock=clock, limits=limits or Limits(page_size=4))
    )
    return result


def test_every_item_of_every_page_is_handled_and_counted() -> None:
    shelf = Shelf(10)
    assert run(shelf) == BatchResult(seen=10, done=5, failed=0, unavailable=0, finished=True)
    assert sorted(shelf.handled) == list(range(10))


def test_an_empty_queue_is_finished() -> None:
    assert run(Shelf(0)) == BatchResult(finished=True)


@pytest.mark.parametrize("error", [NotFound(), Unavailable(), ValueError("unreadable"), LookupError()])
def test_pages_full_of_poison_at_the_front_delay_no_other(error: Exception) -> None:
    shelf = Shelf(20, dict.fromkeys(range(8), error))
    result = run(shelf)
    assert (result.seen, result.failed, result.finished) == (20, 8, True)
    assert sorted(shelf.handled) == list(range(8, 20))


def test_an_item_that_hangs_fails_alone_after_its_timeout() -> None:
    shelf = Shelf(6)

    async def handle(item: int, now: datetime) -> bool:
        if item == 0:
            await asyncio.sleep(1e9)
        return await shelf.handle(item, now)

    queue = Queue(name="order_id", key=str, load=shelf.load, handle=handle, concurrency=2)
    result = virtually(lambda: run_queue(queue, clock=clock))
    assert (result.failed, sorted(shelf.handled)) == (1, [1, 2, 3, 4, 5])


def test_a_run_starts_nothing_after_its_time_and_says_that_it_has_not_finished() -> None:
    shelf = Shelf(1_000)
    result = run(shelf, Limits(duration=timedelta(seconds=5), page_size=4), concurrency=2)
    assert (result.seen, result.finished) == (10, False)
    assert sorted(shelf.handled) == list(range(10))


def test_each_item_is_decided_at_the_time_of_its_own_turn() -> None:
    shelf = Shelf(6)
    run(shelf, concurrency=2)
    assert [(at - BEGIN).total_seconds() for at in shelf.times] == [0, 0, 1, 1, 2, 2]


def test_no_more_items_run_at_once_than_allowed() -> None:
    shelf = Shelf(40)
    run(shelf, concurrency=3)
    assert shelf.most == 3


def test_a_dependency_that_is_down_ends_the_run() -> None:
    shelf = Shelf(1_000, dict.fromkeys(range(1_000), Unavailable()))
    result = run(shelf, Limits(max_unavailable=20, page_size=50), concurrency=5)
    assert result.seen < 30
    assert (result.unavailable, result.finished) == (result.seen, False)


def test_an_answer_in_between_shows_that_the_dependency_is_up() -> None:
    broken: dict[int, Exception] = {n: Unavailable() for n in range(100) if n % 10}
    result = run(Shelf(100, broken), Limits(max_unavailable=20))
    assert (result.seen, result.finished) == (100, True)


def test_an_unexpected_error_is_raised_after_all_items_had_their_turn() -> None:
    shelf = Shelf(10, {0: Nonsense()})
    with pytest.raises(Nonsense):
        run(shelf)
    assert sorted(shelf.handled) == list(range(1, 10))


def test_a_page_that_cannot_be_loaded_is_raised_after_the_started_items_ended() -> None:
    shelf = Shelf(8)

    async def load(now: datetime, limit: int, cursor: Cursor | None) -> Page[int]:
        if cursor:
            raise Unavailable
        return await shelf.load(now, limit, cursor)

    queue = Queue(name="order_id", key=str, load=load, handle=shelf.handle)
    with pytest.raises(Unavailable):
        virtually(lambda: run_queue(queue, clock=clock, limits=Limits(page_size=4)))
    assert sorted(shelf.handled) == [0, 1, 2, 3]


def test_queues_run_side_by_side_and_each_has_its_result() -> None:
    slow, quick = Shelf(5, seconds=9.0), Shelf(5, seconds=1.0)

    async def both() -> list[BatchResult]:
        return await run_queues(slow.queue(concurrency=1), quick.queue(concurrency=1), clock=clock)

    results = virtually(both)
    assert [(result.seen, result.finished) for result in results] == [(5, True), (5, True)]


@pytest.mark.parametrize(
    ("error", "level", "code"),
    [(NotFound(), logging.WARNING, "NOT_FOUND"), (ValueError("x"), logging.ERROR, "ValueError")],
)
def test_a_failed_item_is_logged_under_its_id(
    caplog: pytest.LogCaptureFixture, error: Exception, level: int, code: str
) -> None:
    run(Shelf(1, {0: error}))
    [record] = caplog.records
    assert (record.levelno, record.getMessage()) == (level, "batch_item_failed")
    assert (vars(record)["order_id"], vars(record)["code"]) == ("0", code)


def test_a_queue_may_raise_what_others_skip() -> None:
    with pytest.raises(ValueError, match="unreadable"):
        run(Shelf(3, {0: ValueError("unreadable")}), skip_on=(DomainError,))


def test_a_run_that_its_process_abandons_ends_in_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    raised: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", raised.append)
    loop = VirtualLoop()
    task = loop.create_task(run_queue(Shelf(3).queue(concurrency=1), clock=clock))
    loop.run_until_complete(asyncio.sleep(0.5))
    loop.close()
    assert not task.done()
    del task, loop
    gc.collect()
    assert raised == []
