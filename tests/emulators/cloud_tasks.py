"""A Cloud Tasks emulator on a clock of the test, and Google's own client for it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import grpc
import pytest
from google.api_core import exceptions
from google.cloud import tasks_v2
from google.cloud.tasks_v2.services.cloud_tasks import CloudTasksAsyncClient
from google.cloud.tasks_v2.services.cloud_tasks.transports import CloudTasksGrpcAsyncIOTransport

from emulators.cloud_tasks.server import CloudTasksEmulator
from emulators.oidc import Signer
from tests.emulators.fake_clock import FakeClock
from tests.emulators.recorder import Recorder
from tests.emulators.waiting import look_again

PARENT = "projects/demo-waybill/locations/asia-south1"
QUEUE = f"{PARENT}/queues/offers"
EMAIL = "invoke-offers-tasks@demo-waybill.iam.gserviceaccount.com"


def queue(name: str = QUEUE, **rate_limits: float) -> tasks_v2.Queue:
    retry = tasks_v2.RetryConfig(
        max_attempts=4, min_backoff=timedelta(seconds=1), max_backoff=timedelta(seconds=3)
    )
    return tasks_v2.Queue(name=name, rate_limits=rate_limits, retry_config=retry)


def task(function: Recorder | None = None, name: str = "", **fields: Any) -> tasks_v2.Task:
    """Return a task for `function`; without one, for no function, due in an hour."""
    request: dict[str, Any] = {"url": f"{function.url}/tasks/expire" if function else "http://127.0.0.1:9/"}
    full_name = f"{QUEUE}/tasks/{name}" if name else ""
    return tasks_v2.Task(
        {"name": full_name, "http_request": request | fields.pop("http_request", {})} | fields
    )


@pytest.fixture
async def emulator(signer: Signer, clock: FakeClock) -> AsyncIterator[CloudTasksEmulator]:
    emulator = CloudTasksEmulator(0, signer, [queue()], clock)
    await emulator.start()
    yield emulator
    await emulator.stop()


@pytest.fixture
async def client(emulator: CloudTasksEmulator) -> AsyncIterator[CloudTasksAsyncClient]:
    async with grpc.aio.insecure_channel(f"127.0.0.1:{emulator.port}") as channel:
        yield CloudTasksAsyncClient(transport=CloudTasksGrpcAsyncIOTransport(channel=channel))


@pytest.fixture
def later(clock: FakeClock) -> dict[str, Any]:
    return {"schedule_time": clock.now() + timedelta(hours=1)}


async def gone(client: CloudTasksAsyncClient, name: str) -> None:
    """Return when the task has ended."""
    while True:
        try:
            await client.get_task(name=name)
        except exceptions.NotFound:
            return
        await look_again()
