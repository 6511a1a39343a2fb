"""The scheduler, with a clock that the test advances."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from functools import partial

import jwt
import pytest

from emulators.cron import Cron
from emulators.oidc import Signer
from emulators.scheduler import Job, Scheduler, jobs_of
from shared.manifest import Deploy, Manifest, ScheduleTrigger
from tests.emulators.fake_clock import FakeClock
from tests.emulators.recorder import Recorder
from tests.emulators.waiting import until

EMAIL = "invoke-outbox-cron@demo-waybill.iam.gserviceaccount.com"
SWEEP = "outbox_cron/cron/sweep-outbox"


@pytest.fixture
def job(function: Recorder) -> Job:
    return Job("outbox_cron", "/cron/sweep-outbox", Cron.parse("* * * * *"), function.url, EMAIL)


@pytest.fixture
async def scheduler(job: Job, signer: Signer, clock: FakeClock) -> AsyncIterator[Scheduler]:
    """One job every minute, one at noon and one minute past; it is 12:00:30."""
    noon = replace(job, path="/cron/noon", cron=Cron.parse("0,1 12 * * *"))
    scheduler = Scheduler([job, noon], signer, clock)
    await scheduler.start()
    yield scheduler
    await scheduler.stop()


async def test_a_job_is_called_at_its_minute_and_not_at_the_start(
    scheduler: Scheduler, function: Recorder, clock: FakeClock, signer: Signer
) -> None:
    assert await clock.skip() == 30.0
    calls = {call.path: call for call in [await function.next_call() for _ in range(2)]}

    call = calls["/cron/sweep-outbox"]
    token = call.headers["authorization"].removeprefix("Bearer ")
    claims = jwt.decode(
        token,
        jwt.PyJWKSet.from_dict(signer.jwks()).keys[0],
        algorithms=["RS256"],
        audience=function.url,
        options={"verify_exp": False, "verify_iat": False},  # the clock of the tests does not move
    )
    assert set(calls) == {"/cron/sweep-outbox", "/cron/noon"}
    assert (call.method, call.body) == ("POST", b"")
    assert call.headers["x-cloudscheduler"] == "true"
    assert call.headers["x-cloudscheduler-jobname"] == "outbox-cron-cron-sweep-outbox"
    assert call.headers["x-cloudscheduler-scheduletime"] == "2026-11-20T12:01:00+00:00"
    assert claims["email"] == EMAIL


async def test_each_job_follows_its_own_expression(
    scheduler: Scheduler, function: Recorder, clock: FakeClock
) -> None:
    for minute in range(1, 4):
        clock.advance(timedelta(minutes=1))
        await until(partial(has_run, scheduler, minute))

    assert sorted(call.path for call in function.calls) == ["/cron/noon"] + ["/cron/sweep-outbox"] * 3


def has_run(scheduler: Scheduler, times: int) -> bool:
    return scheduler.counters()[SWEEP]["runs"] == times


async def test_a_failed_run_is_counted_and_not_repeated_before_its_next_minute(
    scheduler: Scheduler, function: Recorder, clock: FakeClock
) -> None:
    clock.advance(timedelta(minutes=1))
    await until(lambda: scheduler.counters()[SWEEP]["runs"] == 1)
    function.answers = [500]

    clock.advance(timedelta(minutes=1))
    await until(lambda: scheduler.counters()[SWEEP]["runs"] == 2)
    clock.advance(timedelta(seconds=29))

    assert scheduler.counters()[SWEEP] == {"runs": 2, "failed": 1, "skipped": 0}
    clock.advance(timedelta(seconds=31))
    await until(lambda: scheduler.counters()[SWEEP]["runs"] == 3)


async def test_a_running_job_is_not_started_again(
    scheduler: Scheduler, function: Recorder, clock: FakeClock
) -> None:
    function.gate.clear()
    clock.advance(timedelta(minutes=1))
    await function.next_call()
    await function.next_call()

    clock.advance(timedelta(minutes=1))
    await until(lambda: scheduler.counters()[SWEEP]["skipped"] == 1)

    assert len(function.calls) == 2
    function.gate.set()
    await until(lambda: scheduler.counters()[SWEEP]["runs"] == 1)


async def test_the_scheduler_does_not_catch_up_after_a_suspend(
    scheduler: Scheduler, function: Recorder, clock: FakeClock
) -> None:
    clock.advance(timedelta(hours=2))
    await until(lambda: scheduler.counters()[SWEEP]["runs"] == 1)
    await until(lambda: clock.nearest() <= 60)

    clock.advance(timedelta(minutes=1))
    await until(lambda: scheduler.counters()[SWEEP]["runs"] == 2)

    assert scheduler.counters()[SWEEP]["skipped"] == 0


async def test_a_run_can_be_forced(scheduler: Scheduler, function: Recorder) -> None:
    function.answers = [204, 500]

    first, second = await scheduler.run(SWEEP), await scheduler.run(SWEEP)

    assert (first.succeeded, first.status) == (True, 204)
    assert (second.succeeded, second.status) == (False, 500)
    with pytest.raises(KeyError):
        await scheduler.run("outbox_cron/cron/unknown")


async def test_an_unavailable_function_fails_the_run(scheduler: Scheduler, function: Recorder) -> None:
    await function.stop()

    run = await scheduler.run(SWEEP)

    assert run.status is None
    assert str(run.error).startswith("ConnectError")


def test_jobs_come_from_the_manifests(job: Job) -> None:
    manifest = Manifest(
        name="outbox_cron",
        summary="Republishes what was left behind",
        schedule=(ScheduleTrigger(path="/cron/sweep-outbox", cron="* * * * *"),),
        deploy=Deploy(service_account="outbox"),
    )

    assert jobs_of({"outbox_cron": manifest}, {"outbox_cron": job.url}, "demo-waybill") == [job]


async def test_a_forced_run_that_lasts_takes_the_place_of_the_next_one(
    scheduler: Scheduler, function: Recorder, clock: FakeClock
) -> None:
    function.gate.clear()
    forced = asyncio.create_task(scheduler.run(SWEEP))
    await function.next_call()

    clock.advance(timedelta(minutes=1))
    await until(lambda: scheduler.counters()[SWEEP]["skipped"] == 1)

    function.gate.set()
    assert (await forced).succeeded
