"""Keep one process of the stack running: start it, probe it, and restart it if that is allowed."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable

from emulators.stack.errors import PartFailedError
from emulators.stack.layout import State
from emulators.stack.process import Process
from emulators.stack.readiness import Probe, until_ready

FAILED_STARTS = 5
WINDOW_SECONDS = 30.0
FIRST_BACKOFF_SECONDS = 0.1
MAX_BACKOFF_SECONDS = 2.0


class Service:
    """A process that is kept running.

    `ready` is set after its first answer. `run` raises when the process cannot be kept running: at once for
    a part that does not restart; for one that restarts, as a Cloud Run instance does, when five starts
    within 30 s ended before the process was ready.
    """

    def __init__(
        self,
        process: Process,
        probe: Probe,
        *,
        limit_seconds: float,
        restarts: bool,
        on_change: Callable[[str, State], None],
    ) -> None:
        self.name = process.command.part
        self.process = process
        self.ready = asyncio.Event()
        self._probe = probe
        self._limit_seconds = limit_seconds
        self._restarts = restarts
        self._on_change = on_change
        self._failed_starts: deque[float] = deque(maxlen=FAILED_STARTS)

    async def run(self) -> None:
        """Keep the process running until cancelled. Raises `PartFailedError`."""
        while True:
            try:
                await self._serve_once()
            except PartFailedError as error:
                self._count_failure(error)
            self.process.note("restarts")
            self._on_change(self.name, State.RESTARTING)
            await asyncio.sleep(self._backoff_seconds())

    async def stop(self) -> None:
        """End the process; idempotent."""
        await self.process.stop()
        self._on_change(self.name, State.STOPPED)

    async def _serve_once(self) -> None:
        """Start the process, and return when it was ready, has ended and may restart."""
        await self.process.start()
        self._on_change(self.name, State.STARTING)
        await until_ready(self.process, self._probe, self._limit_seconds)
        self._failed_starts.clear()
        self.ready.set()
        self._on_change(self.name, State.READY)
        how = await self.process.wait()
        self.process.note(how)
        if not self._restarts:
            raise self.process.failure(f"{how} although the stack still runs")

    def _count_failure(self, error: PartFailedError) -> None:
        """Count a failed start; raise the error when no restart is allowed."""
        still_running = self.process.pid is not None  # it hangs: a restart would hang too
        self._failed_starts.append(time.monotonic())
        full = len(self._failed_starts) == FAILED_STARTS
        if not self._restarts or still_running:
            raise error
        if full and self._failed_starts[-1] - self._failed_starts[0] <= WINDOW_SECONDS:
            raise self.process.failure(f"failed to start {FAILED_STARTS} times within {WINDOW_SECONDS:.0f} s")

    def _backoff_seconds(self) -> float:
        doubled = FIRST_BACKOFF_SECONDS * 2 ** len(self._failed_starts)
        return float(min(MAX_BACKOFF_SECONDS, doubled))
