"""Supervise the services of one stack: launch them, report their states, and end them in order."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection

from emulators.stack.layout import Layout, Progress, State
from emulators.stack.process import Command, Guard, Process
from emulators.stack.readiness import Probe
from emulators.stack.service import Service

READY_LIMIT_SECONDS = 300.0  # a hang: a part that ends is noticed at once, and a laptop may be busy


class Supervisor:
    """The services by name. `on_failure` is called with the error that ends one permanently."""

    def __init__(
        self,
        layout: Layout,
        guard: Guard,
        on_change: Callable[[], None],
        on_failure: Callable[[BaseException], None],
    ) -> None:
        self._layout = layout
        self._guard = guard
        self._on_change = on_change
        self._on_failure = on_failure
        self._started_at = time.monotonic()
        self._services: dict[str, Service] = {}
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def pids(self) -> dict[str, int]:
        """Process ids of the running services."""
        pids = {name: service.process.pid for name, service in self._services.items()}
        return {name: pid for name, pid in pids.items() if pid is not None}

    async def launch(self, command: Command, probe: Probe, *, restarts: bool = False) -> None:
        """Start a service and return once it is ready; `on_failure` is called if it never is."""
        process = Process(command, self._layout.log(command.part), self._guard)
        service = Service(
            process, probe, limit_seconds=READY_LIMIT_SECONDS, restarts=restarts, on_change=self._changed
        )
        self._services[command.part] = service
        task = asyncio.create_task(service.run(), name=command.part)
        task.add_done_callback(self._ended)
        self._tasks.append(task)
        await service.ready.wait()

    async def stop(self, last: Collection[str]) -> None:
        """End every service, the ones in `last` after the others. Idempotent."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()
        first = self._services.keys() - set(last)
        for names in (first, set(last) & self._services.keys()):
            await asyncio.gather(*(self._services[name].stop() for name in names))

    def _changed(self, part: str, state: State) -> None:
        seconds = time.monotonic() - self._started_at
        self._layout.options.on_progress(Progress(part, state, seconds))
        self._on_change()

    def _ended(self, task: asyncio.Task[None]) -> None:
        error = None if task.cancelled() else task.exception()
        if error is not None:
            self._on_failure(error)
