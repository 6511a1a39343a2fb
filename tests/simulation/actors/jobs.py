"""The scheduler's jobs, at their minutes: now and then one twice, or not at all."""

from __future__ import annotations

import asyncio
import random
from datetime import timedelta
from typing import Any

from tests.simulation.deployed import Call, jobs
from tests.simulation.faults import Faults
from tests.simulation.host import Host
from tests.simulation.process import true_time


async def tick(host: Host, faults: Faults, chance: random.Random) -> None:
    """Run every job at every full minute that its schedule names."""
    running: set[asyncio.Task[Any]] = set()
    while True:
        await asyncio.sleep(60)
        due = {name: job for name, (cron, job) in jobs().items() if cron.matches(true_time())}
        for name, job in due.items():
            times = 0 if faults.strikes("job-missed", name) else 2 if faults.strikes("job-twice", name) else 1
            for _ in range(times):
                task = asyncio.get_running_loop().create_task(_run(host, name, job, chance.uniform(0, 2)))
                running.add(task)
                task.add_done_callback(running.discard)


async def run_all(host: Host, skew: timedelta, times: int) -> None:
    """Run every job so many times at once by clocks that are so far ahead, whatever its schedule."""
    found = [(name, job) for name, (_, job) in jobs().items() for _ in range(times)]
    await asyncio.gather(*(host.internal(name, job(), skew) for name, job in found))


async def _run(host: Host, name: str, job: Call, delay: float) -> None:
    await asyncio.sleep(delay)
    await host.internal(name, job())
