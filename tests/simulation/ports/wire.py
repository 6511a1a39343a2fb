"""The line between production code and a port: time passes on it, and everything can happen to it."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import TypeVar, cast

from tests.simulation.deployed import jobs
from tests.simulation.faults import Faults
from tests.simulation.loop import pause
from tests.simulation.process import Process, current_process, never
from tests.simulation.scenario import Fault
from tests.simulation.sites import call_site

R = TypeVar("R")
MEAN_S = 0.008
SLOWEST_S = 9.0
"""So long a write of a batch job takes where what it depends on is slow: its items overtake one another."""
Error = Callable[[], Exception]


class Wire:
    """Every port call goes through here; each is a point at which others may come first."""

    def __init__(self, faults: Faults, chance: random.Random) -> None:
        self.steps = 0
        self._limit, self._at_limit = 0, _nothing
        self._faults = faults
        self._chance = chance

    def limit(self, steps: int, stop: Callable[[], None]) -> None:
        """Call `stop` after so many steps; never when it is 0."""
        self._limit, self._at_limit = steps, stop

    async def read(self, operation: str, effect: Callable[[], Awaitable[R]], lost: Error) -> R:
        """Ask something; the process may die meanwhile, or get no answer."""
        process = await self._sent()
        if self._faults.strikes("read-failed", operation):
            await self._time()
            raise lost()
        found = await effect()
        await self._answered(process)
        return found

    async def write(self, operation: str, effect: Callable[[], Awaitable[R]], lost: Error) -> R:
        """Change something; the process may die before or after, or never learn whether it was done."""
        site = call_site(operation)
        process = await self._sent()
        if process.name in jobs() and self._faults.strikes("batch-slow", operation):
            await pause(self._chance.uniform(1.0, SLOWEST_S))
        fault = self._faults.at_write(site, tuple(Fault))
        if fault is Fault.KILL_BEFORE:
            await self._killed(process)
        if fault is Fault.LOST:
            await self._time()
            raise lost()
        done, refusal = await _settled(effect)
        if fault is Fault.KILL_AFTER:
            await self._killed(process)
        await self._answered(process)
        if fault is Fault.AMBIGUOUS:
            raise lost()
        if refusal is not None:
            raise refusal
        return cast(R, done)

    async def _sent(self) -> Process:
        process = current_process.get()
        self.steps += 1
        if self.steps == self._limit:
            self._at_limit()
        await self._answered(process)
        return process

    async def _answered(self, process: Process) -> None:
        await self._time()
        if process.died.done():
            await never()

    async def _killed(self, process: Process) -> None:
        process.die()
        await never()

    def _time(self) -> asyncio.Future[None]:
        """Return the time that passes on the line."""
        slow = self._faults.strikes("slow", "wire")
        return pause(self._chance.uniform(0.5, 12.0) if slow else self._chance.expovariate(1 / MEAN_S))


async def _settled(effect: Callable[[], Awaitable[R]]) -> tuple[R | None, Exception | None]:
    """Return what the port did or why it refused; either reaches only who still lives."""
    try:
        return await effect(), None
    except Exception as refusal:
        return None, refusal


def _nothing() -> None:
    """Do not stop."""
