"""Run a batch job over queues of due items: page by page, several items at a time, within a time limit.

An item that fails or hangs occupies one place among the concurrent ones and delays no other: the cursor
moves on past it. When the time is up, the run starts nothing new; the next run continues with what is
still due.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from shared.kernel.clock import Clock
from shared.kernel.errors import DomainError, Unavailable

T = TypeVar("T")
Cursor = tuple[Any, ...]
"""The values of the sort fields of a page's last item."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """A part of a list, in order; `next` is the cursor of the following part, None after the last one."""

    items: Sequence[T]
    next: Cursor | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The limits of one run. With the defaults it ends before the scheduler starts the next minute's."""

    duration: timedelta = timedelta(seconds=40)
    """After this time the run starts no further item."""

    item_timeout: timedelta = timedelta(seconds=15)
    page_size: int = 200
    max_unavailable: int = 100
    """After so many items in a row without an answer, a dependency counts as down and the run ends."""


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue(Generic[T]):
    """A list of due items, and what to do with each of them.

    `load` gets the time, the page size and the cursor. `handle` gets the item and the time, which is read
    for each item; it returns False when there was nothing left to do, such as after another process acted.
    """

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

    `seen` items were started; `done` of them changed something and `failed` of them raised an error.
    `unavailable` counts the items at the end of the run that got no answer, since the last one that did.
    `finished` is False when items were left for the next run.
    """

    seen: int = 0
    done: int = 0
    failed: int = 0
    unavailable: int = 0
    finished: bool = False


async def run_queue(queue: Queue[Any], *, clock: Clock, limits: Limits = DEFAULT_LIMITS) -> BatchResult:
    """Handle the due items of one queue; see `run_queues`."""
    [result] = await run_queues(queue, clock=clock, limits=limits)
    return result


async def run_queues(*queues: Queue[Any], clock: Clock, limits: Limits = DEFAULT_LIMITS) -> list[BatchResult]:
    """Handle the due items of all queues concurrently, and return one result per queue.

    Raises the first unexpected error, or the error of a failed `load`, after all started items ended.
    """
    runs = [_Run(queue, clock, limits, clock() + limits.duration) for queue in queues]
    _raise_first(await asyncio.gather(*(run.run() for run in runs), return_exceptions=True))
    return [run.result() for run in runs]


@dataclass(slots=True)
class _Run(Generic[T]):
    queue: Queue[T]
    clock: Clock
    limits: Limits
    until: datetime
    seen: int = 0
    done: int = 0
    failed: int = 0
    unavailable: int = 0
    finished: bool = False

    def result(self) -> BatchResult:
        return BatchResult(self.seen, self.done, self.failed, self.unavailable, self.finished)

    async def run(self) -> None:
        tasks: list[asyncio.Task[None]] = []
        error: BaseException | None = None
        try:
            await self._start_all(tasks)
        except (Exception, asyncio.CancelledError) as raised:  # not GeneratorExit: nothing may wait after it
            error = raised
        _raise_first([error, *await asyncio.gather(*tasks, return_exceptions=True)])

    async def _start_all(self, tasks: list[asyncio.Task[None]]) -> None:
        places = asyncio.Semaphore(self.queue.concurrency)
        cursor: Cursor | None = None
        while not self._must_stop():
            page = await self.queue.load(self.clock(), self.limits.page_size, cursor)
            for item in page.items:
                await places.acquire()
                if self._must_stop():
                    return
                task = asyncio.get_running_loop().create_task(self._handle(item))
                task.add_done_callback(lambda _: places.release())
                tasks.append(task)
            cursor = page.next
            if cursor is None:
                self.finished = True
                return

    def _must_stop(self) -> bool:
        return self.unavailable >= self.limits.max_unavailable or self.clock() >= self.until

    async def _handle(self, item: T) -> None:
        self.seen += 1
        try:
            async with asyncio.timeout(self.limits.item_timeout.total_seconds()):
                done = await self.queue.handle(item, self.clock())
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
