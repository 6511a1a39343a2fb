"""The job of the minute: it sweeps the outbox, whether or not further sweeps can be planned."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from functions.operations_cron.main import app
from shared.adapters.firestore.codec import to_document
from shared.edge import oidc
from shared.kernel.errors import Unavailable
from shared.kernel.event import Message
from tests.fakes.bus import MemoryBus
from tests.fakes.database import MemoryDatabase
from tests.fakes.runtime import NOW, FakeRuntime, run_on

LEFT = Message("evt_1", "orders", "waybill.orders.order_placed.v1", "ord_1", NOW - timedelta(minutes=1), "{}")


class Queue:
    """A task queue that is down, or answers when it is let."""

    def __init__(self, *, down: bool = False) -> None:
        self.down = down
        self.answers = asyncio.Event()
        self.planned: list[datetime] = []

    async def sweep_at(self, at: datetime) -> None:
        if self.down:
            raise Unavailable
        await self.answers.wait()
        self.planned.append(at)


class Bus(MemoryBus):
    """A bus whose first message lets the queue answer."""

    def __init__(self, queue: Queue) -> None:
        super().__init__()
        self._queue = queue

    async def publish(self, messages: object) -> None:
        await super().publish(messages)  # type: ignore[arg-type]
        self._queue.answers.set()


async def run_the_job(queue: Queue, bus: MemoryBus, monkeypatch: pytest.MonkeyPatch) -> httpx.Response:
    """Let the scheduler call the job over an outbox with one event."""
    database = MemoryDatabase()
    database.seed(f"outbox/{LEFT.id}", to_document(LEFT))

    async def let_in(*_: object) -> None:
        return None

    monkeypatch.setattr(oidc, "check_invoker", let_in)
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "demo-waybill")
    run_on(app, FakeRuntime(database=database, bus=bus), monkeypatch, sweeps=queue)
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://waybill.test") as client:
        return await client.post("/cron/sweep-outbox", headers={"Authorization": "Bearer platform"})


async def test_a_task_queue_that_is_down_keeps_no_event_in_the_outbox(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    bus = MemoryBus()

    answer = await run_the_job(Queue(down=True), bus, monkeypatch)

    assert (answer.status_code, answer.json()["published"]) == (200, 1)
    assert bus.messages == [LEFT]
    warned = [record for record in caplog.records if record.getMessage() == "sweep_not_planned"]
    assert [vars(record)["code"] for record in warned] == ["UNAVAILABLE", "UNAVAILABLE"]


async def test_the_sweep_does_not_wait_until_a_slow_queue_has_answered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    queue = Queue()

    answer = await run_the_job(queue, Bus(queue), monkeypatch)

    assert answer.json()["published"] == 1
    minute = NOW.replace(second=0, tzinfo=UTC)
    assert queue.planned == [minute + timedelta(seconds=20), minute + timedelta(seconds=40)]
