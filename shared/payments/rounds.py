"""One round of a job over lists of things that are due: page after page, a few at a time.

It ends when everything had its turn, or when its time is over: what is left is first in line in the
next round. One thing that is slow or fails takes a place among the few, and holds up no other.
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
"""After so many seconds a round begins nothing new: with `PATIENCE_S` it is over before the next one."""
PATIENCE_S = 15.0
"""How many seconds one thing may take."""
PAGE = 200
GIVE_UP_AFTER = 100
"""So many things in a row without an answer, and the gateway is taken to be down."""

log = logging.getLogger(__name__)


class Named(Protocol):
    """A thing with an id."""

    @property
    def id(self) -> str:
        """Its id."""
        ...


N = TypeVar("N", bound=Named)


@dataclass(frozen=True, slots=True)
class Lane(Generic[N]):
    """A list and what to do with each of its things, `at_once` of them at a time.

    `see_to` says whether the thing was this round's to do; `kind` names its id in the log.
    """

    kind: str
    at_once: int
    pages: Callable[[int, Cursor | None], Awaitable[Page[N]]]
    see_to: Callable[[N], Awaitable[bool]]


@dataclass(slots=True)
class Tally:
    """How many things of a lane were seen to and how many could not be; `unanswered` of these, since the
    last that could, because the gateway did not answer."""

    done: int = 0
    failed: int = 0
    unanswered: int = 0


async def run(*lanes: Lane[Any]) -> list[Tally]:
    """Let all lanes go on side by side; return what each came to.

    What nobody foresaw is raised once all others have had their turn; so is the failure of a list.
    """
    until = asyncio.get_running_loop().time() + BUDGET_S
    running = [_Run(lane, until) for lane in lanes]
    _raise_first(await asyncio.gather(*(one.go() for one in running), return_exceptions=True))
    return [one.tally for one in running]


@dataclass(slots=True)
class _Run(Generic[N]):
    lane: Lane[N]
    until: float
    tally: Tally = field(default_factory=Tally)

    async def go(self) -> None:
        tasks: list[asyncio.Task[None]] = []
        try:
            await self._begin_all(tasks)
        finally:
            outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        _raise_first(outcomes)

    async def _begin_all(self, tasks: list[asyncio.Task[None]]) -> None:
        gate = asyncio.Semaphore(self.lane.at_once)
        following: Cursor | None = None
        while not self._over():
            page = await self.lane.pages(PAGE, following)
            for thing in page.items:
                await gate.acquire()
                if self._over():
                    return
                task = asyncio.get_running_loop().create_task(self._see_to(thing))
                task.add_done_callback(lambda _: gate.release())
                tasks.append(task)
            following = page.following
            if following is None:
                return

    def _over(self) -> bool:
        """Say whether to begin nothing more: the time is over, or the gateway answers nobody."""
        given_up = self.tally.unanswered >= GIVE_UP_AFTER
        return given_up or asyncio.get_running_loop().time() >= self.until

    async def _see_to(self, thing: N) -> None:
        try:
            async with asyncio.timeout(PATIENCE_S):
                mine = await self.lane.see_to(thing)
        except (DomainError, TimeoutError) as error:
            self._failed(thing, error)
        else:
            self.tally.done += mine
            self.tally.unanswered = 0 if mine else self.tally.unanswered

    def _failed(self, thing: N, error: DomainError | TimeoutError) -> None:
        self.tally.failed += 1
        self.tally.unanswered += isinstance(error, GatewayUnavailable | TimeoutError)
        needs_somebody = isinstance(error, GatewayRefused | NotFound | NotStoredYet)
        code = error.code if isinstance(error, DomainError) else "TIMEOUT"
        level = logging.ERROR if needs_somebody else logging.WARNING
        log.log(level, "reconcile_failed", extra={self.lane.kind: thing.id, "code": code})


def _raise_first(outcomes: list[Any]) -> None:
    errors = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    if errors:
        raise errors[0]
