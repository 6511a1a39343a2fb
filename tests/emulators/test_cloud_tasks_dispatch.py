"""When and how the Cloud Tasks emulator sends tasks, through Google's own client library."""

from __future__ import annotations

from datetime import timedelta

import grpc
import jwt
from google.cloud import tasks_v2
from google.cloud.tasks_v2.services.cloud_tasks import CloudTasksAsyncClient

from emulators.cloud_tasks.server import CloudTasksEmulator
from emulators.oidc import Signer
from tests.emulators.cloud_tasks import EMAIL, PARENT, QUEUE, gone, queue, task
from tests.emulators.fake_clock import FakeClock
from tests.emulators.recorder import Recorder
from tests.emulators.waiting import look_again


class TestDispatch:
    async def test_a_task_without_a_time_is_sent_at_once(
        self, client: CloudTasksAsyncClient, function: Recorder, clock: FakeClock
    ) -> None:
        request = {"body": b'{"offer":"1"}', "headers": {"Content-Type": "application/json", "X-Own": "yes"}}
        await client.create_task(parent=QUEUE, task=task(function, "first", http_request=request))

        call = await function.next_call()

        assert (call.method, call.path, call.body) == ("POST", "/tasks/expire", b'{"offer":"1"}')
        assert call.headers["content-type"] == "application/json"
        assert call.headers["x-own"] == "yes"
        assert call.headers["user-agent"] == "Google-Cloud-Tasks"
        assert call.headers["x-cloudtasks-queuename"] == "offers"
        assert call.headers["x-cloudtasks-taskname"] == "first"
        assert call.headers["x-cloudtasks-taskretrycount"] == "0"
        assert call.headers["x-cloudtasks-taskexecutioncount"] == "0"
        assert float(call.headers["x-cloudtasks-tasketa"]) == clock.now().timestamp()

    async def test_a_task_waits_for_its_time(
        self, client: CloudTasksAsyncClient, function: Recorder, clock: FakeClock
    ) -> None:
        due = clock.now() + timedelta(seconds=30)
        await client.create_task(parent=QUEUE, task=task(function, "late", schedule_time=due))
        await client.create_task(parent=QUEUE, task=task(function, "now"))

        assert (await function.next_call()).headers["x-cloudtasks-taskname"] == "now"
        clock.advance(timedelta(seconds=29))
        await client.create_task(parent=QUEUE, task=task(function, "after-29-s"))
        assert (await function.next_call()).headers["x-cloudtasks-taskname"] == "after-29-s"
        clock.advance(timedelta(seconds=1))
        assert (await function.next_call()).headers["x-cloudtasks-taskname"] == "late"

    async def test_the_token_is_for_the_audience_and_account_that_the_task_names(
        self, client: CloudTasksAsyncClient, function: Recorder, signer: Signer
    ) -> None:
        token = {"service_account_email": EMAIL, "audience": function.url}
        await client.create_task(parent=QUEUE, task=task(function, http_request={"oidc_token": token}))

        scheme, _, encoded = (await function.next_call()).headers["authorization"].partition(" ")

        key = jwt.PyJWKSet.from_dict(signer.jwks()).keys[0]
        claims = jwt.decode(
            encoded,
            key,
            algorithms=["RS256"],
            audience=function.url,
            options={"verify_exp": False, "verify_iat": False},
        )
        assert (scheme, claims["email"]) == ("Bearer", EMAIL)

    async def test_a_task_without_a_token_sends_none(
        self, client: CloudTasksAsyncClient, function: Recorder
    ) -> None:
        await client.create_task(parent=QUEUE, task=task(function))

        assert "authorization" not in (await function.next_call()).headers

    async def test_a_task_cannot_forge_the_headers_of_the_service(
        self, client: CloudTasksAsyncClient, function: Recorder
    ) -> None:
        forged = {"X-CloudTasks-QueueName": "payouts", "Host": "elsewhere.test"}
        await client.create_task(parent=QUEUE, task=task(function, http_request={"headers": forged}))

        call = await function.next_call()

        assert call.headers.getlist("x-cloudtasks-queuename") == ["offers"]
        assert call.headers["host"] == function.url.removeprefix("http://")

    async def test_a_queue_respects_its_concurrency_limit(
        self, client: CloudTasksAsyncClient, function: Recorder
    ) -> None:
        narrow = f"{PARENT}/queues/narrow"
        await client.create_queue(parent=PARENT, queue=queue(narrow, max_concurrent_dispatches=2))
        function.gate.clear()
        for _ in range(4):
            await client.create_task(parent=narrow, task=task(function))
        await function.next_call()
        await function.next_call()
        for _ in range(10):
            await client.get_queue(name=narrow)

        assert (len(function.calls), function.running) == (2, 2)
        function.gate.set()
        await function.next_call()
        await function.next_call()

    async def test_a_queue_respects_its_rate_limit(
        self, client: CloudTasksAsyncClient, function: Recorder, clock: FakeClock
    ) -> None:
        slow = f"{PARENT}/queues/slow"
        await client.create_queue(parent=PARENT, queue=queue(slow, max_dispatches_per_second=2))
        for _ in range(3):
            await client.create_task(parent=slow, task=task(function))

        await function.next_call()
        assert await clock.skip() == 0.5
        await function.next_call()
        assert await clock.skip() == 0.5
        await function.next_call()


class TestRetries:
    async def test_a_failed_task_is_retried_with_growing_delays_until_it_succeeds(
        self, client: CloudTasksAsyncClient, function: Recorder, clock: FakeClock
    ) -> None:
        function.answers = [500, 404, 302]
        created = await client.create_task(parent=QUEUE, task=task(function))

        delays = []
        for _ in range(3):
            await function.next_call()
            delays.append(await skip_to_retry(clock, client, created.name))
        last = await function.next_call()

        assert delays == [1.0, 2.0, 3.0]
        assert last.headers["x-cloudtasks-taskretrycount"] == "3"
        assert last.headers["x-cloudtasks-taskexecutioncount"] == "3"
        assert last.headers["x-cloudtasks-taskpreviousresponse"] == "302"
        await gone(client, created.name)

    async def test_a_task_is_abandoned_after_its_last_attempt(
        self,
        client: CloudTasksAsyncClient,
        emulator: CloudTasksEmulator,
        function: Recorder,
        clock: FakeClock,
    ) -> None:
        function.answers = [500] * 9
        created = await client.create_task(parent=QUEUE, task=task(function))

        for _ in range(3):
            await function.next_call()
            await skip_to_retry(clock, client, created.name)
        await gone(client, created.name)

        assert len(function.calls) == 4
        assert emulator.counters()["total"] == {
            "created": 1,
            "dispatched": 4,
            "deleted": 0,
            "failed": 4,
            "abandoned": 1,
        }

    async def test_an_unavailable_function_is_retried(
        self, client: CloudTasksAsyncClient, clock: FakeClock
    ) -> None:
        away = Recorder()
        await away.start()
        await away.stop()
        created = await client.create_task(parent=QUEUE, task=task(away))
        await skip_to_retry(clock, client, created.name, advance=False)

        await away.start()
        await clock.skip()
        call = await away.next_call()

        assert call.headers["x-cloudtasks-taskretrycount"] == "1"
        assert call.headers["x-cloudtasks-taskexecutioncount"] == "0"
        await gone(client, created.name)
        await away.stop()

    async def test_an_attempt_ends_at_its_deadline(
        self, client: CloudTasksAsyncClient, function: Recorder, clock: FakeClock
    ) -> None:
        function.gate.clear()
        deadline = timedelta(seconds=15)
        created = await client.create_task(parent=QUEUE, task=task(function, dispatch_deadline=deadline))
        await function.next_call()

        assert await clock.skip() == 15.0
        await skip_to_retry(clock, client, created.name, advance=False)
        found = await client.get_task(name=created.name)

        assert found.last_attempt.response_status.code == grpc.StatusCode.DEADLINE_EXCEEDED.value[0]
        function.gate.set()

    async def test_a_task_can_have_its_own_retry_rules(
        self, client: CloudTasksAsyncClient, function: Recorder
    ) -> None:
        function.answers = [500] * 9
        once = tasks_v2.RetryConfig(max_attempts=1)
        created = await client.create_task(parent=QUEUE, task=task(function, retry_config=once))

        await gone(client, created.name)

        assert len(function.calls) == 1


async def skip_to_retry(
    clock: FakeClock, client: CloudTasksAsyncClient, name: str, advance: bool = True
) -> float:
    """Wait until the task's attempt has failed; then go to its next time and return the seconds between."""
    while (found := await client.get_task(name=name)).schedule_time <= clock.now():
        await look_again()
    delay = (found.schedule_time - clock.now()).total_seconds()
    if advance:
        clock.advance(timedelta(seconds=delay))
    return float(delay)
