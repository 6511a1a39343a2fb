"""The task queue behind the wire: named tasks, called at least once, some early, late, twice or never."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any

from shared.kernel.errors import Unavailable
from tests.simulation.deployed import limits
from tests.simulation.faults import Faults
from tests.simulation.ports.wire import Wire
from tests.simulation.process import true_time

Post = Callable[[str, Mapping[str, Any]], Awaitable[bool]]
"""Calls the path of a task with its body; returns whether it succeeded."""


class SimulatedTasks:
    """Has the `create` of `shared.adapters.cloud_tasks.CloudTasks`, under the real deadlines.

    Each queue repeats as the manifest of its function says.
    """

    def __init__(self, wire: Wire, faults: Faults, chance: random.Random, post: Post) -> None:
        self.down = False
        self._wire, self._faults, self._chance = wire, faults, chance
        self._post = post
        self._names: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def create(self, name: str, path: str, body: Mapping[str, Any], at: datetime) -> None:
        await self._wire.write("tasks.create", lambda: self._add(name, path, body, at), Unavailable)

    async def _add(self, name: str, path: str, body: Mapping[str, Any], at: datetime) -> None:
        if self.down:
            raise Unavailable
        if name in self._names:
            return
        self._names.add(name)
        if self._faults.strikes("task-lost", path):
            return
        copies = 2 if self._faults.strikes("task-doubled", path) else 1
        for _ in range(copies):
            task = asyncio.get_running_loop().create_task(self._run(path, body, self._delay(path, at)))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def _delay(self, path: str, at: datetime) -> float:
        seconds = (at - true_time()).total_seconds() + self._chance.expovariate(10)
        if self._faults.strikes("task-early", path):
            seconds -= self._chance.uniform(0.5, 20)
        elif self._faults.strikes("task-late", path):
            seconds += self._chance.uniform(1, 90)
        return max(0.0, seconds)

    async def _run(self, path: str, body: Mapping[str, Any], delay: float) -> None:
        await asyncio.sleep(delay)
        queue = limits(path)
        for failures in range(queue.max_attempts):
            if await self._post(path, body):
                return
            await asyncio.sleep(min(queue.max_backoff_seconds, queue.min_backoff_seconds * 2**failures))
