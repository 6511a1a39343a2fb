"""One suite for the task queue: the fake, the simulation's, and Cloud Tasks on its emulator."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta

import jwt
import pytest

from emulators.cloud_tasks.server import CloudTasksEmulator
from emulators.oidc import Signer
from shared.adapters import cloud_tasks
from shared.adapters.cloud_tasks import OfferDeadlines
from shared.kernel.errors import Unavailable
from shared.kernel.trace import Trace, current_trace
from tests.contract.queues import INVOKER, Bench, EmulatorBench, FakeBench, Queue, SimulationBench, queues
from tests.emulators.fake_clock import FakeClock
from tests.emulators.recorder import Recorder
from tests.simulation.scenario import Fault

TRACE = Trace(f"00-{'a' * 32}-{'b' * 16}-01", "req_1")
SECOND = timedelta(seconds=1)
HALF_MINUTE = 30 * SECOND
EXPIRED = ("/tasks/offer-expired", {"offer_id": "off_1_1"})
SWEEP: tuple[str, dict[str, object]] = ("/tasks/sweep-outbox", {})


@pytest.fixture
async def emulated(clock: FakeClock, signer: Signer, function: Recorder) -> AsyncIterator[EmulatorBench]:
    emulator = CloudTasksEmulator(0, signer, queues(), clock)
    await emulator.start()
    bench = EmulatorBench(clock, function, f"127.0.0.1:{emulator.port}")
    yield bench
    await bench.close()
    await emulator.stop()


@pytest.fixture
def simulated(clock: FakeClock) -> Iterator[SimulationBench]:
    bench = SimulationBench(clock)
    yield bench
    bench.close()


@pytest.fixture(params=["fake", "simulated", "emulated"])
def bench(request: pytest.FixtureRequest, clock: FakeClock) -> Bench:
    made: Bench = FakeBench(clock) if request.param == "fake" else request.getfixturevalue(request.param)
    return made


@pytest.fixture(params=["simulated", "emulated"])
def queue(request: pytest.FixtureRequest) -> Queue:
    made: Queue = request.getfixturevalue(request.param)
    return made


async def test_a_deadline_calls_back_when_its_time_has_come_and_not_before(bench: Bench) -> None:
    await bench.deadlines.schedule_offer_expiry("off_1_1", bench.clock.now() + HALF_MINUTE)
    bench.clock.advance(29 * SECOND)
    assert await bench.calls(0) == []
    bench.clock.advance(SECOND)
    assert await bench.calls(1) == [EXPIRED]


async def test_a_deadline_in_the_past_calls_back_immediately(bench: Bench) -> None:
    await bench.deadlines.schedule_offer_expiry("off_1_1", bench.clock.now() - HALF_MINUTE)
    assert await bench.calls(1) == [EXPIRED]


async def test_the_same_deadline_set_again_is_one(bench: Bench) -> None:
    at = bench.clock.now() + HALF_MINUTE
    for later in (0, 10, 20):
        await bench.deadlines.schedule_offer_expiry("off_1_1", at + later * SECOND)
    bench.clock.advance(HALF_MINUTE)
    assert await bench.calls(1) == [EXPIRED]
    bench.clock.advance(HALF_MINUTE)
    assert await bench.calls(0) == []


async def test_a_deadline_that_has_passed_stays_passed_when_set_again(bench: Bench) -> None:
    at = bench.clock.now()
    await bench.deadlines.schedule_offer_expiry("off_1_1", at)
    await bench.calls(1)
    await bench.deadlines.schedule_offer_expiry("off_1_1", at)
    assert await bench.calls(0) == []


async def test_the_name_of_a_lost_deadline_stays_reserved_for_a_while(bench: Bench) -> None:
    at = bench.clock.now() + SECOND
    await bench.lose("off_1_1", at)
    await bench.deadlines.schedule_offer_expiry("off_1_1", at)
    await bench.deadlines.schedule_offer_expiry("off_1_2", at)
    bench.clock.advance(HALF_MINUTE)
    assert await bench.calls(1) == [("/tasks/offer-expired", {"offer_id": "off_1_2"})]


async def test_each_search_attempt_has_a_deadline_of_its_own(bench: Bench) -> None:
    at = bench.clock.now()
    for number in (1, 2, 2):
        await bench.deadlines.schedule_search("ord_1", number, at)
    assert await bench.calls(2) == [
        ("/tasks/search-again", {"order_id": "ord_1", "search_attempt": 1}),
        ("/tasks/search-again", {"order_id": "ord_1", "search_attempt": 2}),
    ]


async def test_a_queue_that_accepts_nothing_is_unavailable(bench: Bench) -> None:
    await bench.break_down()
    with pytest.raises(Unavailable):
        await bench.deadlines.schedule_offer_expiry("off_1_1", bench.clock.now())
    assert await bench.calls(0) == []


async def test_a_failed_call_is_repeated_after_pauses_that_double_up_to_a_limit(queue: Queue) -> None:
    queue.fail_next()
    await queue.deadlines.schedule_offer_expiry("off_1_1", queue.clock.now())
    for pause in (1, 2, 4, 8, 16, 30, 30):
        assert await queue.calls(1) == [EXPIRED]
        queue.fail_next()
        await queue.wait_out(pause)
    assert await queue.calls(1) == [EXPIRED]


async def test_a_success_is_the_last_call(queue: Queue) -> None:
    queue.fail_next()
    await queue.deadlines.schedule_offer_expiry("off_1_1", queue.clock.now())
    await queue.calls(1)
    await queue.wait_out(1)
    await queue.calls(1)
    queue.clock.advance(timedelta(hours=1))
    assert await queue.calls(0) == []


async def test_a_sweep_ends_after_the_maximum_number_of_attempts_of_its_queue(queue: Queue) -> None:
    queue.fail_next()
    await queue.sweeps.sweep_at(queue.clock.now())
    assert await queue.calls(1) == [SWEEP]
    queue.fail_next()
    await queue.wait_out(1)
    assert await queue.calls(1) == [SWEEP]
    queue.clock.advance(timedelta(hours=1))
    assert await queue.calls(0) == []


async def test_a_sweep_is_named_by_its_second(queue: Queue) -> None:
    now = queue.clock.now()
    for at in (now, now + SECOND / 2, now + SECOND):
        await queue.sweeps.sweep_at(at)
    assert await queue.calls(1) == [SWEEP]
    queue.clock.advance(SECOND)
    assert await queue.calls(1) == [SWEEP]


async def test_a_deadline_whose_answer_was_lost_has_one_effect_when_it_is_set_again(
    simulated: SimulationBench,
) -> None:
    simulated.script.strike(Fault.AMBIGUOUS, "tasks.create")
    with pytest.raises(Unavailable):
        await simulated.deadlines.schedule_offer_expiry("off_1_1", simulated.clock.now())
    await simulated.deadlines.schedule_offer_expiry("off_1_1", simulated.clock.now())
    assert await simulated.calls(1) == [EXPIRED]


@pytest.mark.parametrize(
    ("fault", "calls"), [("task-doubled", (0, 2, 0)), ("task-early", (1, 0, 0)), ("task-late", (0, 0, 1))]
)
async def test_the_simulation_makes_some_calls_twice_early_or_late(
    simulated: SimulationBench, fault: str, calls: tuple[int, int, int]
) -> None:
    simulated.script.strike(fault, "/tasks/offer-expired")
    await simulated.deadlines.schedule_offer_expiry("off_1_1", simulated.clock.now() + HALF_MINUTE)
    for wait, count in zip((29.75, 0.25, 90), calls, strict=True):
        simulated.clock.advance(timedelta(seconds=wait))
        assert await simulated.calls(count) == [EXPIRED] * count


async def test_a_task_carries_the_invokers_token_and_the_trace(
    emulated: EmulatorBench, function: Recorder, clock: FakeClock, signer: Signer
) -> None:
    token = current_trace.set(TRACE)
    await emulated.deadlines.schedule_offer_expiry("off_1_1", clock.now())
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


async def test_an_unknown_queue_is_unavailable(emulated: EmulatorBench) -> None:
    with pytest.raises(Unavailable):
        await OfferDeadlines(emulated.without("parcels")).schedule_offer_expiry(
            "off_1_1", emulated.clock.now()
        )


async def test_a_queue_without_answers_times_out(
    emulated: EmulatorBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cloud_tasks, "TIMEOUT_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        adapter = emulated.without("offers", f"127.0.0.1:{silent.getsockname()[1]}")
        with pytest.raises(Unavailable):
            await OfferDeadlines(adapter).schedule_offer_expiry("off_1_1", emulated.clock.now())
