"""Run queues of due items as one batch: page after page, a few items at a time.

A batch ends when each queue is empty or its time budget is spent; the next batch continues with the
items that are still due. An item that is slow or fails occupies one slot and blocks no other item.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

from shared.kernel.errors import DomainError, NotFound
from shared.payments.domain import GatewayRefused, GatewayUnavailable, NotStoredYet
from shared.payments.ports import Cursor, Page

BUDGET_S = 40.0
"""After this many seconds a batch starts no item: with `ITEM_TIMEOUT_S` it ends before the next one."""
ITEM_TIMEOUT_S = 15.0
PAGE = 200
GIVE_UP_AFTER = 100
"""After this many items in a row without an answer, the batch treats the gateway as down."""

log = logging.getLogger(__name__)


class Named(Protocol):
    """An item with an id."""

    @property
    def id(self) -> str:
        """The id."""
        ...


N = TypeVar("N", bound=Named)


@dataclass(frozen=True, slots=True)
class Queue(Generic[N]):
    """A list of due items and how to handle one, `concurrency` of them at a time.

    `handle` says whether this batch had to handle the item; `kind` is the log field of its id.
    """

    kind: str
    concurrency: int
    pages: Callable[[int, Cursor | None], Awaitable[Page[N]]]
    handle: Callable[[N], Awaitable[bool]]


@dataclass(slots=True)
class BatchResult:
    """How many items of a queue were handled and how many failed.

    `unanswered` counts the failures since the last success that an unavailable gateway caused.
    """

    done: int = 0
    failed: int = 0
    unanswered: int = 0


async def run(*queues: Queue[Any]) -> list[BatchResult]:
    """Run all queues concurrently; return the result of each.

    An unexpected error, also of a list, is raised after all other items are finished.
    """
    until = asyncio.get_running_loop().time() + BUDGET_S
    running = [_Run(queue, until) for queue in queues]
    _raise_first(await asyncio.gather(*(one.go() for one in running), return_exceptions=True))
    return [one.result for one in running]


@dataclass(slots=True)
class _Run(Generic[N]):
    queue: Queue[N]
    until: float
    result: BatchResult = field(default_factory=BatchResult)

    async def go(self) -> None:
        tasks: list[asyncio.Task[None]] = []
        try:
            await self._start_all(tasks)
        finally:
            outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        _raise_first(outcomes)

    async def _start_all(self, tasks: list[asyncio.Task[None]]) -> None:
        semaphore = asyncio.Semaphore(self.queue.concurrency)
        cursor: Cursor | None = None
        while not self._over():
            page = await self.queue.pages(PAGE, cursor)
            for item in page.items:
                await semaphore.acquire()
                if self._over():
                    return
                task = asyncio.get_running_loop().create_task(self._handle(item))
                task.add_done_callback(lambda _: semaphore.release())
                tasks.append(task)
            cursor = page.next_cursor
            if cursor is None:
                return

    def _over(self) -> bool:
        """Say whether to start no more items: the budget is spent, or the gateway is down."""
        given_up = self.result.unanswered >= GIVE_UP_AFTER
        return given_up or asyncio.get_running_loop().time() >= self.until

    async def _handle(self, item: N) -> None:
        try:
            async with asyncio.timeout(ITEM_TIMEOUT_S):
                handled = await self.queue.handle(item)
        except (DomainError, TimeoutError) as error:
            self._failed(item, error)
        else:
            self.result.done += handled
            self.result.unanswered = 0 if handled else self.result.unanswered

    def _failed(self, item: N, error: DomainError | TimeoutError) -> None:
        self.result.failed += 1
        self.result.unanswered += isinstance(error, GatewayUnavailable | TimeoutError)
        needs_support = isinstance(error, GatewayRefused | NotFound | NotStoredYet)
        code = error.code if isinstance(error, DomainError) else "TIMEOUT"
        level = logging.ERROR if needs_support else logging.WARNING
        log.log(level, "reconcile_failed", extra={self.queue.kind: item.id, "code": code})


def _raise_first(outcomes: list[Any]) -> None:
    errors = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    if errors:
        raise errors[0]
