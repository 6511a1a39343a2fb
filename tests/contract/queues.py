"""Task queues for the contract suite, each with its clock and with the function that it calls."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Coroutine, Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar, cast

from google.cloud import tasks_v2

from emulators.cloud_tasks.definitions import queues_of
from shared.adapters.cloud_tasks import CloudTasks, OfferDeadlines, SweepTasks, Target
from shared.dispatch.ports import Deadlines
from shared.operations.ports import SweepQueue
from tests.contract.simulated import Instant, Script, become_a_process, wire
from tests.emulators.fake_clock import FakeClock
from tests.emulators.recorder import Recorder
from tests.fakes.dispatch import MemoryDeadlines
from tests.simulation.deployed import MANIFESTS
from tests.simulation.loop import VirtualLoop
from tests.simulation.ports.tasks import SimulatedTasks
from tests.simulation.process import true_time

R = TypeVar("R")
PROJECT, LOCATION = "demo-waybill", "asia-south1"
QUEUES = f"projects/{PROJECT}/locations/{LOCATION}/queues"
INVOKER = "invoke-dispatch-tasks@demo-waybill.iam.gserviceaccount.com"
UNREACHABLE = "127.0.0.1:1"
Called = list[tuple[str, object]]


def queues() -> list[tasks_v2.Queue]:
    """Return the queues `offers` and `sweeps` as their functions' manifests have them."""
    return queues_of([MANIFESTS["dispatch_tasks"], MANIFESTS["operations_cron"]], PROJECT, LOCATION)


class Bench(Protocol):
    """A queue under test, its clock, and what it calls."""

    deadlines: Deadlines
    clock: FakeClock

    async def calls(self, count: int) -> Called:
        """Return the next `count` calls; fails when there are more."""
        ...

    async def lose(self, offer_id: str, at: datetime) -> None:
        """Set the deadline of an offer, and have the queue forget it."""
        ...

    async def break_down(self) -> None:
        """Let the queue take nothing any more."""
        ...


class Queue(Bench, Protocol):
    """A bench that also repeats what failed, and takes sweeps."""

    sweeps: SweepQueue

    def fail_next(self) -> None:
        """Let the function fail at its next call."""
        ...

    async def wait_out(self, seconds: float) -> None:
        """Let the pause after a failure pass, which has to be this long."""
        ...


class FakeBench:
    """The fake, whose tasks are taken out by hand."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self._fake = MemoryDeadlines()
        self.deadlines: Deadlines = self._fake

    async def calls(self, count: int) -> Called:
        due = self._fake.due(self.clock.now())
        assert len(due) == count
        return [
            ("/tasks/offer-expired", {"offer_id": task.offer_id})
            if task.offer_id
            else ("/tasks/search-again", {"order_id": task.order_id, "search_attempt": task.search_attempt})
            for task in due
        ]

    async def lose(self, offer_id: str, at: datetime) -> None:
        await self.deadlines.schedule_offer_expiry(offer_id, at)
        self._fake.lose()

    async def break_down(self) -> None:
        self._fake.down = True


class SimulationBench:
    """The simulation's, on its own virtual time, which follows the test's clock."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.script = Script()
        self.deadlines: Deadlines = OfferDeadlines(cast(CloudTasks, self))
        self.sweeps: SweepQueue = SweepTasks(cast(CloudTasks, self))
        self._loop = VirtualLoop()
        self._calls: Called = []
        self._fails = False
        self._queue: SimulatedTasks | None = None

    async def create(self, name: str, path: str, body: Mapping[str, Any], at: datetime) -> None:
        """Replaces the adapter under the real deadlines."""

        async def work() -> None:
            if self._queue is None:
                self._queue = SimulatedTasks(wire(self.script), self.script, Instant(), self._post)
            await self._queue.create(name, path, body, at)

        await self._later(work())

    async def calls(self, count: int) -> Called:
        await self._later(asyncio.sleep(0))
        found, self._calls = self._calls, []
        assert len(found) == count
        return sorted(found, key=str)

    async def lose(self, offer_id: str, at: datetime) -> None:
        self.script.strike("task-lost", "/tasks/offer-expired")
        await self.deadlines.schedule_offer_expiry(offer_id, at)

    async def break_down(self) -> None:
        await self.deadlines.schedule_offer_expiry("off_0_1", self.clock.now() + timedelta(days=1))
        assert self._queue
        self._queue.down = True

    def fail_next(self) -> None:
        self._fails = True

    async def wait_out(self, seconds: float) -> None:
        self.clock.advance(timedelta(seconds=seconds - 0.001))
        assert await self.calls(0) == []
        self.clock.advance(timedelta(seconds=0.001))

    def close(self) -> None:
        """End the virtual time."""
        self._loop.close()

    async def _post(self, path: str, body: Mapping[str, Any]) -> bool:
        self._calls.append((path, dict(body)))
        fails, self._fails = self._fails, False
        return not fails

    async def _later(self, work: Coroutine[Any, Any, R]) -> R:
        """Let virtual time come up to the clock, then do the work; in a thread, for loops do not nest."""

        async def caught_up() -> R:
            become_a_process()
            await asyncio.sleep(max(0.0, (self.clock.now() - true_time()).total_seconds()))
            return await work

        return await asyncio.to_thread(self._loop.run_until_complete, caught_up())


class EmulatorBench:
    """Cloud Tasks on its emulator, and a function that records what it is sent."""

    def __init__(self, clock: FakeClock, function: Recorder, address: str) -> None:
        self.clock = clock
        self.function = function
        self._address = address
        self._offers, self._sweeps = self._adapter("offers", address), self._adapter("sweeps", address)
        self._adapters = [self._offers, self._sweeps]
        self.deadlines: Deadlines = OfferDeadlines(self._offers)
        self.sweeps: SweepQueue = SweepTasks(self._sweeps)
        self._markers = 0

    async def calls(self, count: int) -> Called:
        found = [await self.function.next_call() for _ in range(count)]
        self._markers += 1
        for queue in (self._offers, self._sweeps):
            await queue.create(f"marker-{self._markers}", "/marker", {}, self.clock.now())
            assert (await self.function.next_call()).path == "/marker"
        return sorted(((call.path, json.loads(call.body)) for call in found), key=str)

    async def lose(self, offer_id: str, at: datetime) -> None:
        await self.deadlines.schedule_offer_expiry(offer_id, at)
        client: Any = self._offers._client
        await client.delete_task(name=f"{QUEUES}/offers/tasks/{offer_id}")

    async def break_down(self) -> None:
        self.deadlines = OfferDeadlines(self.without("offers", UNREACHABLE))

    def fail_next(self) -> None:
        self.function.answers = [503]

    async def wait_out(self, seconds: float) -> None:
        await self.clock.until_asleep_for(seconds)
        self.clock.advance(timedelta(seconds=seconds))

    def without(self, queue: str, address: str = "") -> CloudTasks:
        """Return an adapter whose queue, or whose service, is not there."""
        adapter = self._adapter(queue, address or self._address)
        self._adapters.append(adapter)
        return adapter

    async def close(self) -> None:
        """Close every channel."""
        for adapter in self._adapters:
            await adapter.close()

    def _adapter(self, queue: str, address: str) -> CloudTasks:
        return CloudTasks(Target(f"{QUEUES}/{queue}", self.function.url, INVOKER), address)
