"""The scheduler's jobs, each minute: now and then one twice, or not at all."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from functions.dispatch_cron import routes as dispatch_cron
from functions.operations_cron import routes as operations_cron
from functions.payments_cron import routes as payments_cron
from tests.simulation.faults import Faults
from tests.simulation.host import Host

JOBS: Mapping[str, Callable[[], Coroutine[Any, Any, Any]]] = {
    "operations_cron sweep-outbox": operations_cron.minute,
    "dispatch_cron sweep-offers": dispatch_cron.minute,
    "payments_cron reconcile": payments_cron.minute,
}


async def tick(host: Host, faults: Faults, chance: random.Random) -> None:
    """Run every job at every full minute."""
    running: set[asyncio.Task[Any]] = set()
    while True:
        await asyncio.sleep(60)
        for name, job in JOBS.items():
            times = 0 if faults.strikes("job-missed", name) else 2 if faults.strikes("job-twice", name) else 1
            for _ in range(times):
                task = asyncio.get_running_loop().create_task(_run(host, name, job, chance.uniform(0, 2)))
                running.add(task)
                task.add_done_callback(running.discard)


async def _run(host: Host, name: str, job: Callable[[], Coroutine[Any, Any, Any]], delay: float) -> None:
    await asyncio.sleep(delay)
    await host.internal(name, job())
