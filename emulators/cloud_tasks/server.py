"""The emulator as a gRPC server on 127.0.0.1, for the Cloud Tasks client library."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import grpc
import httpx
from google.cloud.tasks_v2 import Queue

from emulators.clock import Clock, SystemClock, pause
from emulators.cloud_tasks import names
from emulators.cloud_tasks.definitions import completed
from emulators.cloud_tasks.dispatch import DEFAULT_DEADLINE, Dispatcher
from emulators.cloud_tasks.queue import COUNTERS, TaskQueue
from emulators.cloud_tasks.service import CloudTasksService, handlers
from emulators.oidc import Signer
from emulators.serving import open_client
from emulators.slowness import Slowness


class CloudTasksEmulator:
    """Serves the given queues; port 0 selects a free port, see `port`. `slowness` can change meanwhile."""

    def __init__(
        self,
        port: int,
        signer: Signer,
        queues: Iterable[Queue] = (),
        clock: Clock | None = None,
        slowness: Slowness | None = None,
    ) -> None:
        self.port = port
        self._signer = signer
        self._definitions = [completed(queue) for queue in queues]
        self._clock = clock or SystemClock()
        self._slowness = slowness or Slowness()
        self._service = CloudTasksService(self._open_queue, self._delay)
        self._client: httpx.AsyncClient | None = None
        self._server: grpc.aio.Server | None = None

    async def start(self) -> None:
        """Start to accept calls; raises `RuntimeError` when the port is taken."""
        if self._server is not None:
            return
        # The deadline of the task ends an attempt, by the emulator's clock; this is only a safety limit.
        self._client = open_client(DEFAULT_DEADLINE.total_seconds() * 3)
        for definition in self._definitions:
            self._service.add(definition)
        server = grpc.aio.server(options=[("grpc.so_reuseport", 0)])
        server.add_generic_rpc_handlers((handlers(self._service),))
        self.port = server.add_insecure_port(f"127.0.0.1:{self.port}")
        await server.start()
        self._server = server

    async def stop(self) -> None:
        """Stop accepting calls and sending tasks; pending tasks are lost."""
        if self._server is None or self._client is None:
            return
        await self._server.stop(grace=0.5)
        await asyncio.gather(*(queue.stop() for queue in self._service.queues.values()))
        await self._client.aclose()
        self._service.queues.clear()
        self._server = self._client = None

    def counters(self) -> dict[str, dict[str, int] | dict[str, dict[str, int]]]:
        """Return the counts of each queue by its short name, and their total."""
        queues = {names.last_part(name): queue.counters for name, queue in self._service.queues.items()}
        total = {name: sum(counts[name] for counts in queues.values()) for name in COUNTERS}
        return {"total": total, "queues": {name: dict(counts) for name, counts in queues.items()}}

    async def _delay(self) -> None:
        await pause(self._clock, self._slowness.create_task)

    def _open_queue(self, definition: Queue) -> TaskQueue:
        if self._client is None:
            raise RuntimeError("the emulator is not running")
        return TaskQueue(definition, Dispatcher(self._client, self._signer, self._clock), self._clock)
