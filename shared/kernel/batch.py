"""Run a batch job over queues of due items: page by page, several items at a time, within a time limit.

An item that fails or hangs occupies one place among the concurrent ones and delays no other: the cursor
moves on past it. When the time is up, the run starts nothing new and stores where it stopped; the next run
continues there, and then with what lies before. So every item has its turn, however many in front of it
fail at each run.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Generic, Protocol, TypeVar

from shared.kernel.clock import Clock
from shared.kernel.errors import DomainError, Unavailable

T = TypeVar("T")
Cursor = tuple[Any, ...]
"""The values of the sort fields of a page's last item."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """A part of a list, in order; `next` is the cursor of the following part, None after the last one.

    `after` has the cursor behind each item. `unreadable` names what stood in the list and could not be
    parsed.
    """

    items: Sequence[T]
    next: Cursor | None = None
    after: Sequence[Cursor] = ()
    unreadable: Sequence[str] = ()


class Bookmarks(Protocol):
    """Where the runs of each queue have stopped."""

    async def get(self, queue: str) -> Cursor | None:
        """Return where the last run stopped, None where it came to the end. Raises `Unavailable`."""
        ...

    async def put(self, queue: str, cursor: Cursor | None) -> None:
        """Store where a run has stopped. Raises `Unavailable`."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The limits of one run. With the defaults it ends before the scheduler starts the next minute's."""

    duration: timedelta = timedelta(seconds=40)
    """After this time the run starts no further item."""

    item_timeout: timedelta = timedelta(seconds=15)
    page_size: int = 200
    max_unavailable: int = 1_000
    """After so many items in a row without an answer, a dependency counts as down and the run ends."""


DEFAULT_LIMITS = Limits()

MARGIN = timedelta(seconds=5)
"""What a request takes besides its batch: reading the bookmark and the first page, and the answer."""


def longest_run(limits: Limits = DEFAULT_LIMITS) -> timedelta:
    """Return how long a request may take that runs a batch; the platform must allow it."""
    return limits.duration + limits.item_timeout + MARGIN


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue(Generic[T]):
    """A list of due items, and what to do with each of them.

    `load` gets the time, the page size and the cursor. `handle` gets the item and the time, which is read
    for each item; it returns False when there was nothing left to do, such as after another process acted.
    """

    id: str
    """The name of the queue among all queues, such as `dispatch-overdue-offers`."""

    name: str
    """The log field that holds an item's id, such as `order_id`."""

    key: Callable[[T], str]
    load: Callable[[datetime, int, Cursor | None], Awaitable[Page[T]]]
    handle: Callable[[T, datetime], Awaitable[bool]]
    concurrency: int = 10
    skip_on: tuple[type[Exception], ...] = (DomainError, TimeoutError, ValueError, LookupError)
    """Errors that fail one item and no more. The run raises any other error after all items."""

    alert_on: tuple[type[Exception], ...] = (ValueError, LookupError)
    """Errors that an engineer must look at, such as an unreadable document; the log level is ERROR."""


@dataclass(frozen=True, slots=True)
class BatchResult:
    """The outcome of one queue in one run.

    `seen` items were started or could not be read; `done` of them changed something, and `failed` of them
    raised an error or could not be read. `unavailable` counts the items at the end of the run that got no
    answer, since the last one that did. `finished` is False when items were left for the next run.
    """

    seen: int = 0
    done: int = 0
    failed: int = 0
    unavailable: int = 0
    finished: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """How batch jobs run: by which clock, within which limits, and from where the last run stopped.

    A queue begins where its last run stopped; without `bookmarks`, at its front.
    """

    clock: Clock
    limits: Limits = DEFAULT_LIMITS
    bookmarks: Bookmarks | None = None

    async def run(self, queue: Queue[Any]) -> BatchResult:
        """Handle the due items of one queue; see `run_all`."""
        [result] = await self.run_all(queue)
        return result

    async def run_all(self, *queues: Queue[Any]) -> list[BatchResult]:
        """Handle the due items of all queues concurrently, and return one result per queue.

        Raises the first unexpected error, or the error of a failed `load`, after all started items ended.
        """
        runs = [_Run(queue, self, self.clock() + self.limits.duration) for queue in queues]
        _raise_first(await asyncio.gather(*(run.run() for run in runs), return_exceptions=True))
        return [run.result() for run in runs]


@dataclass(slots=True)
class _Run(Generic[T]):
    queue: Queue[T]
    batch: Batch
    until: datetime
    seen: int = 0
    done: int = 0
    failed: int = 0
    unavailable: int = 0
    finished: bool = False
    position: Cursor | None = None
    """Behind the last item that was started."""
    keys: set[str] = field(default_factory=set)
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    def result(self) -> BatchResult:
        return BatchResult(self.seen, self.done, self.failed, self.unavailable, self.finished)

    async def run(self) -> None:
        error: BaseException | None = None
        try:
            await self._walk()
        except (Exception, asyncio.CancelledError) as raised:  # not GeneratorExit: nothing may wait after it
            error = raised
        _raise_first([error, *await asyncio.gather(*self.tasks, return_exceptions=True)])

    async def _walk(self) -> None:
        """Start every item once, from the bookmark to the end and then from the front to the bookmark."""
        bookmark = await self._bookmark()
        self.position = bookmark
        places = asyncio.Semaphore(self.queue.concurrency)
        try:
            whole = await self._start_from(bookmark, places)
            if whole and bookmark is not None:
                whole = await self._start_from(None, places)
            self.finished = whole
        except Exception:  # no `finally`: nothing may wait after GeneratorExit
            await self._store_bookmark()
            raise
        if not self.finished or bookmark is not None:
            await self._store_bookmark()

    async def _start_from(self, cursor: Cursor | None, places: asyncio.Semaphore) -> bool:
        """Start the items behind the cursor; return False when the run had to stop before the end."""
        while not self._must_stop():
            page = await self.queue.load(self.batch.clock(), self.batch.limits.page_size, cursor)
            self._count_unreadable(page)
            for number, item in enumerate(page.items):
                if self.queue.key(item) in self.keys:
                    continue
                await places.acquire()
                if self._must_stop():
                    return False
                self._start(item, places)
                self.position = page.after[number] if page.after else self.position
            cursor = page.next
            if cursor is None:
                return True
            self.position = cursor
        return False

    def _start(self, item: T, places: asyncio.Semaphore) -> None:
        self.keys.add(self.queue.key(item))
        task = asyncio.get_running_loop().create_task(self._handle(item))
        task.add_done_callback(lambda _: places.release())
        self.tasks.append(task)

    def _count_unreadable(self, page: Page[T]) -> None:
        unknown = [name for name in page.unreadable if name not in self.keys]
        self.keys.update(unknown)
        self.seen += len(unknown)
        self.failed += len(unknown)

    async def _bookmark(self) -> Cursor | None:
        if self.batch.bookmarks is None:
            return None
        return await self.batch.bookmarks.get(self.queue.id)

    async def _store_bookmark(self) -> None:
        """Store where the run stopped; when that fails, the next run begins where this one did."""
        if self.batch.bookmarks is None:
            return
        try:
            await self.batch.bookmarks.put(self.queue.id, None if self.finished else self.position)
        except DomainError as error:
            log.warning("bookmark_lost", extra={"queue": self.queue.id, "code": error.code})

    def _must_stop(self) -> bool:
        return self.unavailable >= self.batch.limits.max_unavailable or self.batch.clock() >= self.until

    async def _handle(self, item: T) -> None:
        self.seen += 1
        try:
            async with asyncio.timeout(self.batch.limits.item_timeout.total_seconds()):
                done = await self.queue.handle(item, self.batch.clock())  # mutant: one-clock-per-batch
        except self.queue.skip_on as error:
            self._fail(item, error)
        else:
            self.done += done
            self.unavailable = 0 if done else self.unavailable

    def _fail(self, item: T, error: Exception) -> None:
        self.failed += 1
        self.unavailable += isinstance(error, Unavailable | TimeoutError)
        code = error.code if isinstance(error, DomainError) else type(error).__name__
        extra = {self.queue.name: self.queue.key(item), "code": code}
        if isinstance(error, self.queue.alert_on):
            log.error("batch_item_failed", exc_info=error, extra=extra)
        else:
            log.warning("batch_item_failed", extra=extra)


def _raise_first(outcomes: Sequence[BaseException | None]) -> None:
    for outcome in outcomes:
        if outcome is not None:
            raise outcome
