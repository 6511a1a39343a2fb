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

from shared.kernel.batch import Batch, BatchResult, Cursor, Limits, Page, Queue
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
        after = [(item,) for item in items]
        return Page(items, after[-1] if len(items) == limit else None, after)

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
        return Queue(id="shelf", name="order_id", key=str, load=self.load, handle=self.handle, **changed)


def clock() -> datetime:
    return BEGIN + timedelta(seconds=asyncio.get_running_loop().time())


def virtually(work: Callable[[], Awaitable[Any]]) -> Any:
    """Run `work` on a loop whose time passes at once."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:

        async def main() -> Any:
            return await work()

        return runner.run(main())


@dataclass
class Notebook:
    """Bookmarks in memory; `down` is a database that does not answer."""

    pages: dict[str, Cursor | None] = field(default_factory=dict)
    down: bool = False

    async def get(self, queue: str) -> Cursor | None:
        return self.pages.get(queue)

    async def put(self, queue: str, cursor: Cursor | None) -> None:
        await asyncio.sleep(0)
        if self.down:
            raise Unavailable
        self.pages[queue] = cursor


def run(
    shelf: Shelf, limits: Limits | None = None, bookmarks: Notebook | None = None, **changed: Any
) -> BatchResult:
    batch = Batch(clock=clock, limits=limits or Limits(page_size=4), bookmarks=bookmarks)
    result: BatchResult = virtually(lambda: batch.run(shelf.queue(**changed)))
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

    queue = Queue(id="shelf", name="order_id", key=str, load=shelf.load, handle=handle, concurrency=2)
    result = virtually(lambda: Batch(clock=clock).run(queue))
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

    queue = Queue(id="shelf", name="order_id", key=str, load=load, handle=shelf.handle)
    with pytest.raises(Unavailable):
        virtually(lambda: Batch(clock=clock, limits=Limits(page_size=4)).run(queue))
    assert sorted(shelf.handled) == [0, 1, 2, 3]


def test_queues_run_side_by_side_and_each_has_its_result() -> None:
    slow, quick = Shelf(5, seconds=9.0), Shelf(5, seconds=1.0)

    async def both() -> list[BatchResult]:
        return await Batch(clock=clock).run_all(slow.queue(concurrency=1), quick.queue(concurrency=1))

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
    batch = Batch(clock=clock, bookmarks=Notebook())
    task = loop.create_task(batch.run(Shelf(3).queue(concurrency=1)))
    loop.run_until_complete(asyncio.sleep(0.5))
    loop.close()
    assert not task.done()
    del task, loop, batch
    gc.collect()
    assert raised == []


# the next run goes on where the last one stopped


SHORT = Limits(duration=timedelta(seconds=5), page_size=4)


def test_fault_11_a_run_that_stops_at_hanging_items_goes_on_behind_them_in_the_next() -> None:
    """A hundred items that hang until their timeout stand in front of five good ones."""
    shelf, bookmarks = Shelf(105), Notebook()
    hanging = range(100)

    async def handle(item: int, now: datetime) -> bool:
        if item in hanging:
            await asyncio.sleep(1e9)
        return await shelf.handle(item, now)

    queue = Queue(id="shelf", name="order_id", key=str, load=shelf.load, handle=handle)
    limits = Limits(item_timeout=timedelta(seconds=3), duration=timedelta(seconds=10), page_size=40)
    results = [
        virtually(lambda: Batch(clock=clock, limits=limits, bookmarks=bookmarks).run(queue)) for _ in range(3)
    ]
    assert sorted(shelf.handled) == [100, 101, 102, 103, 104]
    assert [result.finished for result in results] == [False, False, False]
    assert all(result.failed for result in results)


def test_fault_11_items_without_an_answer_are_passed_though_the_dependency_counts_as_down() -> None:
    shelf, bookmarks = Shelf(105, dict.fromkeys(range(100), Unavailable()), seconds=0.1), Notebook()
    limits = Limits(max_unavailable=50, page_size=200)
    for _ in range(3):
        run(shelf, limits, bookmarks)
    assert sorted(shelf.handled) == [100, 101, 102, 103, 104]


def test_fault_11_what_cannot_be_read_is_counted_as_failed_and_passed() -> None:
    shelf = Shelf(8)

    async def load(now: datetime, limit: int, cursor: Cursor | None) -> Page[int]:
        page = await shelf.load(now, limit, cursor)
        return Page(page.items[2:], page.next, page.after[2:], [f"orders/{n}" for n in page.items[:2]])

    queue = Queue(id="shelf", name="order_id", key=str, load=load, handle=shelf.handle)
    result = virtually(lambda: Batch(clock=clock, limits=Limits(page_size=4)).run(queue))
    assert (result.seen, result.failed, result.finished) == (8, 4, True)
    assert sorted(shelf.handled) == [2, 3, 6, 7]


def test_fault_12_a_run_that_is_out_of_time_goes_on_with_the_rest_in_the_next() -> None:
    shelf, bookmarks = Shelf(25), Notebook()
    results = [run(shelf, SHORT, bookmarks, concurrency=2) for _ in range(3)]
    assert [result.seen for result in results] == [10, 10, 10]
    assert set(shelf.handled) == set(range(25))


def test_a_run_that_began_in_the_middle_takes_what_lies_before_as_well_and_each_item_once() -> None:
    shelf, bookmarks = Shelf(10), Notebook({"shelf": (5,)})
    result = run(shelf, bookmarks=bookmarks)
    assert (result.seen, result.finished) == (10, True)
    assert sorted(shelf.handled) == list(range(10))
    assert shelf.handled[0] > 5


def test_the_run_after_one_that_came_to_the_end_begins_at_the_front() -> None:
    bookmarks = Notebook({"shelf": (5,)})
    run(Shelf(10), bookmarks=bookmarks)
    assert bookmarks.pages == {"shelf": None}


def test_a_run_that_begins_at_the_front_and_comes_to_the_end_stores_nothing() -> None:
    bookmarks = Notebook()
    run(Shelf(10), bookmarks=bookmarks)
    assert bookmarks.pages == {}


def test_a_bookmark_that_cannot_be_stored_fails_no_run() -> None:
    result = run(Shelf(25), SHORT, Notebook(down=True), concurrency=2)
    assert (result.seen, result.finished) == (10, False)


def test_a_run_that_ends_with_an_error_stores_where_it_stopped() -> None:
    shelf, bookmarks = Shelf(8), Notebook()

    async def load(now: datetime, limit: int, cursor: Cursor | None) -> Page[int]:
        if cursor:
            raise Unavailable
        return await shelf.load(now, limit, cursor)

    queue = Queue(id="shelf", name="order_id", key=str, load=load, handle=shelf.handle)
    batch = Batch(clock=clock, limits=Limits(page_size=4), bookmarks=bookmarks)
    with pytest.raises(Unavailable):
        virtually(lambda: batch.run(queue))
    assert bookmarks.pages == {"shelf": (3,)}
