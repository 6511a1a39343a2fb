"""One suite for the deadlines: the fake, and Cloud Tasks on its emulator."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Protocol

import jwt
import pytest
from google.cloud import tasks_v2

from emulators.cloud_tasks.server import CloudTasksEmulator
from emulators.oidc import Signer
from shared.adapters.cloud_tasks import CloudTasks, OfferDeadlines, SweepTasks, Target
from shared.dispatch.ports import Deadlines
from shared.kernel.errors import Unavailable
from shared.kernel.trace import Trace, current_trace
from tests.emulators.fake_clock import FakeClock
from tests.emulators.recorder import Recorder
from tests.fakes.dispatch import MemoryDeadlines

QUEUE = "projects/demo-waybill/locations/asia-south1/queues/offers"
INVOKER = "invoke-dispatch-tasks@demo-waybill.iam.gserviceaccount.com"
TRACE = Trace(f"00-{'a' * 32}-{'b' * 16}-01", "req_1")


Called = list[tuple[str, object]]


class Bench(Protocol):
    """A queue under test, its clock, and what it calls."""

    deadlines: Deadlines
    clock: FakeClock

    async def calls(self, count: int) -> Called:
        """Return the next `count` calls; fails when there are more."""
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
            else ("/tasks/search-again", {"order_id": task.order_id, "round": task.round})
            for task in due
        ]


class EmulatorBench:
    """Cloud Tasks, and a function that records what it is sent."""

    def __init__(self, clock: FakeClock, function: Recorder, tasks: CloudTasks) -> None:
        self.clock = clock
        self.deadlines: Deadlines = OfferDeadlines(tasks)
        self._function = function
        self._tasks = tasks
        self._markers = 0

    async def calls(self, count: int) -> Called:
        found = [await self._function.next_call() for _ in range(count)]
        self._markers += 1
        await self._tasks.create(f"marker-{self._markers}", "/marker", {}, self.clock.now())
        assert (await self._function.next_call()).path == "/marker"
        return sorted(((call.path, json.loads(call.body)) for call in found), key=str)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def signer(clock: FakeClock) -> Signer:
    return Signer("http://127.0.0.1:9999/oidc", clock)


@pytest.fixture
async def function() -> AsyncIterator[Recorder]:
    recorder = Recorder()
    await recorder.start()
    yield recorder
    await recorder.stop()


@pytest.fixture
async def tasks(clock: FakeClock, signer: Signer, function: Recorder) -> AsyncIterator[CloudTasks]:
    queue = tasks_v2.Queue(name=QUEUE)
    emulator = CloudTasksEmulator(0, signer, [queue], clock)
    await emulator.start()
    client = CloudTasks(Target(QUEUE, function.url, INVOKER), f"127.0.0.1:{emulator.port}")
    yield client
    await client.close()
    await emulator.stop()


@pytest.fixture(params=["fake", "cloud tasks"])
def bench(request: pytest.FixtureRequest, clock: FakeClock) -> Bench:
    if request.param == "fake":
        return FakeBench(clock)
    tasks = request.getfixturevalue("tasks")
    return EmulatorBench(clock, request.getfixturevalue("function"), tasks)


async def test_a_deadline_calls_back_when_its_time_has_come_and_not_before(bench: Bench) -> None:
    await bench.deadlines.offer_expires("off_1_1", bench.clock.now() + timedelta(seconds=30))
    bench.clock.advance(timedelta(seconds=29))
    assert await bench.calls(0) == []
    bench.clock.advance(timedelta(seconds=1))
    assert await bench.calls(1) == [("/tasks/offer-expired", {"offer_id": "off_1_1"})]


async def test_the_same_deadline_set_again_is_one(bench: Bench) -> None:
    at = bench.clock.now() + timedelta(seconds=30)
    for _ in range(3):
        await bench.deadlines.offer_expires("off_1_1", at)
    bench.clock.advance(timedelta(seconds=30))
    assert len(await bench.calls(1)) == 1


async def test_a_deadline_that_has_passed_stays_passed_when_set_again(bench: Bench) -> None:
    at = bench.clock.now()
    await bench.deadlines.offer_expires("off_1_1", at)
    await bench.calls(1)
    await bench.deadlines.offer_expires("off_1_1", at)
    assert await bench.calls(0) == []


async def test_each_round_of_a_search_has_a_deadline_of_its_own(bench: Bench) -> None:
    at = bench.clock.now()
    for number in (1, 2, 2):
        await bench.deadlines.search_again("ord_1", number, at)
    assert await bench.calls(2) == [
        ("/tasks/search-again", {"order_id": "ord_1", "round": 1}),
        ("/tasks/search-again", {"order_id": "ord_1", "round": 2}),
    ]


async def test_a_task_carries_the_invokers_token_and_the_trace(
    tasks: CloudTasks, function: Recorder, clock: FakeClock, signer: Signer
) -> None:
    token = current_trace.set(TRACE)
    await OfferDeadlines(tasks).offer_expires("off_1_1", clock.now())
    current_trace.reset(token)
    call = await function.next_call()
    assert call.headers["traceparent"] == TRACE.traceparent
    assert call.headers["x-request-id"] == TRACE.request_id
    assert call.headers["content-type"] == "application/json"
    claims = jwt.decode(
        call.headers["authorization"].removeprefix("Bearer "),
        jwt.PyJWKSet.from_dict(signer.jwks()).keys[0],
        algorithms=["RS256"],
        audience=function.url,
        options={"verify_exp": False, "verify_iat": False},
    )
    assert claims["email"] == INVOKER


async def test_a_sweep_is_named_by_its_second(
    tasks: CloudTasks, function: Recorder, clock: FakeClock
) -> None:
    for _ in range(2):
        await SweepTasks(tasks).sweep_at(clock.now())
    assert (await function.next_call()).path == "/tasks/sweep-outbox"
    assert len(function.calls) == 1


async def test_a_queue_that_is_not_there_or_does_not_answer_is_told_as_unavailable(
    function: Recorder, clock: FakeClock
) -> None:
    gone = CloudTasks(Target(QUEUE, function.url, INVOKER), "127.0.0.1:1")
    fake = MemoryDeadlines()
    fake.down = True
    for deadlines in (OfferDeadlines(gone), fake):
        with pytest.raises(Unavailable):
            await deadlines.offer_expires("off_1_1", clock.now())
    await gone.close()
