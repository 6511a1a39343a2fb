"""The Cloud Tasks emulator, through Google's own client library."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import grpc
import jwt
import pytest
from google.api_core import exceptions
from google.cloud import tasks_v2
from google.cloud.tasks_v2.services.cloud_tasks import CloudTasksAsyncClient
from google.cloud.tasks_v2.services.cloud_tasks.transports import CloudTasksGrpcAsyncIOTransport

from emulators.cloud_tasks.server import CloudTasksEmulator
from emulators.oidc import Signer
from tests.emulators.fake_clock import FakeClock
from tests.emulators.recorder import Recorder

PARENT = "projects/demo-waybill/locations/asia-south1"
QUEUE = f"{PARENT}/queues/offers"
EMAIL = "invoke-offers-tasks@demo-waybill.iam.gserviceaccount.com"


def queue(name: str = QUEUE, **rate_limits: float) -> tasks_v2.Queue:
    retry = tasks_v2.RetryConfig(
        max_attempts=4, min_backoff=timedelta(seconds=1), max_backoff=timedelta(seconds=3)
    )
    return tasks_v2.Queue(name=name, rate_limits=rate_limits, retry_config=retry)


def task(function: Recorder | None = None, name: str = "", **fields: Any) -> tasks_v2.Task:
    """A task for `function`; without one, for nobody, an hour away from being sent."""
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
    """Return once the task is done with; each look is a round trip, so the emulator moves on between."""
    while True:
        try:
            await client.get_task(name=name)
        except exceptions.NotFound:
            return


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

    async def test_a_queue_sends_no_more_at_once_than_it_may(
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

    async def test_a_queue_sends_no_faster_than_its_rate(
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
    async def test_a_failed_task_comes_back_with_growing_delays_until_it_succeeds(
        self, client: CloudTasksAsyncClient, function: Recorder, clock: FakeClock
    ) -> None:
        function.answers = [500, 404, 302]
        created = await client.create_task(parent=QUEUE, task=task(function))

        delays = []
        for _ in range(3):
            await function.next_call()
            delays.append(await clock_skip_to_retry(clock, client, created.name))
        last = await function.next_call()

        assert delays == [1.0, 2.0, 3.0]
        assert last.headers["x-cloudtasks-taskretrycount"] == "3"
        assert last.headers["x-cloudtasks-taskexecutioncount"] == "3"
        assert last.headers["x-cloudtasks-taskpreviousresponse"] == "302"
        await gone(client, created.name)

    async def test_a_task_is_given_up_after_its_last_attempt(
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
            await clock_skip_to_retry(clock, client, created.name)
        await gone(client, created.name)

        assert len(function.calls) == 4
        assert emulator.counters()["total"] == {
            "created": 1,
            "dispatched": 4,
            "deleted": 0,
            "failed": 4,
            "abandoned": 1,
        }

    async def test_a_function_that_is_away_is_tried_again(
        self, client: CloudTasksAsyncClient, clock: FakeClock
    ) -> None:
        away = Recorder()
        await away.start()
        await away.stop()
        created = await client.create_task(parent=QUEUE, task=task(away))
        await clock_skip_to_retry(clock, client, created.name, advance=False)

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
        await clock_skip_to_retry(clock, client, created.name, advance=False)
        found = await client.get_task(name=created.name)

        assert found.last_attempt.response_status.code == grpc.StatusCode.DEADLINE_EXCEEDED.value[0]
        function.gate.set()

    async def test_a_task_may_bring_its_own_retry_rules(
        self, client: CloudTasksAsyncClient, function: Recorder
    ) -> None:
        function.answers = [500] * 9
        once = tasks_v2.RetryConfig(max_attempts=1)
        created = await client.create_task(parent=QUEUE, task=task(function, retry_config=once))

        await gone(client, created.name)

        assert len(function.calls) == 1


async def clock_skip_to_retry(
    clock: FakeClock, client: CloudTasksAsyncClient, name: str, advance: bool = True
) -> float:
    """Wait until the task's attempt has failed; then go to its next time and return the seconds between."""
    while (found := await client.get_task(name=name)).schedule_time <= clock.now():
        continue
    delay = (found.schedule_time - clock.now()).total_seconds()
    if advance:
        clock.advance(timedelta(seconds=delay))
    return float(delay)


class TestNames:
    async def test_a_name_that_waits_is_taken(
        self, client: CloudTasksAsyncClient, later: dict[str, Any]
    ) -> None:
        await client.create_task(parent=QUEUE, task=task(name="offer-1", **later))

        with pytest.raises(exceptions.AlreadyExists):
            await client.create_task(parent=QUEUE, task=task(name="offer-1", **later))

    async def test_a_name_stays_taken_for_an_hour_after_the_task_is_done(
        self, client: CloudTasksAsyncClient, function: Recorder, clock: FakeClock
    ) -> None:
        done = await client.create_task(parent=QUEUE, task=task(function, "offer-1"))
        await gone(client, done.name)

        clock.advance(timedelta(minutes=59))
        with pytest.raises(exceptions.AlreadyExists, match="too recently"):
            await client.create_task(parent=QUEUE, task=task(function, "offer-1"))
        clock.advance(timedelta(minutes=1))
        await client.create_task(parent=QUEUE, task=task(function, "offer-1"))

    async def test_a_name_stays_taken_after_a_deletion(
        self, client: CloudTasksAsyncClient, later: dict[str, Any]
    ) -> None:
        created = await client.create_task(parent=QUEUE, task=task(name="offer-1", **later))
        await client.delete_task(name=created.name)

        with pytest.raises(exceptions.AlreadyExists, match="too recently"):
            await client.create_task(parent=QUEUE, task=task(name="offer-1", **later))

    async def test_nameless_tasks_get_names_of_their_own(
        self, client: CloudTasksAsyncClient, later: dict[str, Any]
    ) -> None:
        names = {(await client.create_task(parent=QUEUE, task=task(**later))).name for _ in range(5)}

        assert len(names) == 5
        assert all(name.startswith(f"{QUEUE}/tasks/") for name in names)


class TestRefusals:
    @pytest.mark.parametrize(
        "faulty",
        [
            task(name="with space"),
            task(name="a" * 501),
            tasks_v2.Task(name="offer-1", http_request={"url": "http://x.test"}),
            tasks_v2.Task(name=f"{PARENT}/queues/other/tasks/1", http_request={"url": "http://x.test"}),
            task(http_request={"url": "ftp://x.test/"}),
            task(http_request={"url": "/tasks/expire"}),
            task(http_request={"url": "http://"}),
            task(http_request={"http_method": "GET", "body": b"x"}),
            task(http_request={"headers": {"X-Bad": "a\nb"}}),
            task(http_request={"body": b"x" * 1024 * 1024}),
            task(dispatch_deadline=timedelta(seconds=14)),
            task(dispatch_deadline=timedelta(minutes=31)),
            tasks_v2.Task(),
        ],
        ids=lambda faulty: str(faulty)[:40].replace("\n", " "),
    )
    async def test_a_faulty_task_is_an_invalid_argument(
        self, client: CloudTasksAsyncClient, faulty: tasks_v2.Task
    ) -> None:
        with pytest.raises(exceptions.InvalidArgument):
            await client.create_task(parent=QUEUE, task=faulty)

    async def test_a_task_may_wait_thirty_days_and_no_longer(
        self, client: CloudTasksAsyncClient, clock: FakeClock
    ) -> None:
        furthest = clock.now() + timedelta(days=30)
        await client.create_task(parent=QUEUE, task=task(schedule_time=furthest))

        with pytest.raises(exceptions.InvalidArgument, match="too far"):
            await client.create_task(parent=QUEUE, task=task(schedule_time=furthest + timedelta(seconds=1)))

    async def test_an_unknown_queue_is_not_found(self, client: CloudTasksAsyncClient) -> None:
        unknown = f"{PARENT}/queues/unknown"

        with pytest.raises(exceptions.NotFound):
            await client.create_task(parent=unknown, task=task())
        with pytest.raises(exceptions.NotFound):
            await client.get_queue(name=unknown)

    async def test_what_is_not_emulated_says_so(self, client: CloudTasksAsyncClient) -> None:
        with pytest.raises(exceptions.MethodNotImplemented):
            await client.purge_queue(name=QUEUE)


class TestTasks:
    async def test_a_body_is_shown_only_to_those_who_ask_for_everything(
        self, client: CloudTasksAsyncClient, later: dict[str, Any]
    ) -> None:
        secret = {"body": b"secret"}
        created = await client.create_task(parent=QUEUE, task=task(http_request=secret, **later))

        basic = await client.get_task(name=created.name)
        full = await client.get_task(request={"name": created.name, "response_view": "FULL"})

        assert (created.http_request.body, basic.http_request.body) == (b"", b"")
        assert full.http_request.body == b"secret"

    async def test_tasks_are_listed_in_pages(
        self, client: CloudTasksAsyncClient, later: dict[str, Any]
    ) -> None:
        for number in range(5):
            await client.create_task(parent=QUEUE, task=task(name=f"offer-{number}", **later))

        pager = await client.list_tasks(request={"parent": QUEUE, "page_size": 2})

        pages = [[found.name[-1] for found in page.tasks] async for page in pager.pages]
        assert pages == [["0", "1"], ["2", "3"], ["4"]]

    async def test_a_deleted_task_is_never_sent(
        self,
        client: CloudTasksAsyncClient,
        emulator: CloudTasksEmulator,
        function: Recorder,
        clock: FakeClock,
    ) -> None:
        due = clock.now() + timedelta(seconds=30)
        doomed = await client.create_task(parent=QUEUE, task=task(function, "doomed", schedule_time=due))
        await client.create_task(parent=QUEUE, task=task(function, "kept", schedule_time=due))

        await client.delete_task(name=doomed.name)
        clock.advance(timedelta(seconds=30))

        assert (await function.next_call()).headers["x-cloudtasks-taskname"] == "kept"
        assert emulator.counters()["total"]["dispatched"] == 1
        assert emulator.counters()["total"]["deleted"] == 1
        with pytest.raises(exceptions.NotFound):
            await client.delete_task(name=doomed.name)

    async def test_a_task_deleted_during_its_attempt_is_not_tried_again(
        self,
        client: CloudTasksAsyncClient,
        emulator: CloudTasksEmulator,
        function: Recorder,
        clock: FakeClock,
    ) -> None:
        function.answers = [500]
        function.gate.clear()
        created = await client.create_task(parent=QUEUE, task=task(function, "doomed"))
        await function.next_call()

        await client.delete_task(name=created.name)
        function.gate.set()
        await client.create_task(parent=QUEUE, task=task(function, "other"))
        await function.next_call()
        clock.advance(timedelta(minutes=1))
        await client.create_task(parent=QUEUE, task=task(function, "last"))

        assert (await function.next_call()).headers["x-cloudtasks-taskname"] == "last"


class TestQueues:
    async def test_a_queue_shows_the_limits_it_was_made_with(self, client: CloudTasksAsyncClient) -> None:
        found = await client.get_queue(name=QUEUE)

        assert found.state == tasks_v2.Queue.State.RUNNING
        assert found.retry_config.max_attempts == 4
        assert found.retry_config.max_doublings == 16
        assert found.rate_limits.max_dispatches_per_second == 500
        assert found.rate_limits.max_burst_size == 100

    async def test_queues_are_listed_by_name_within_their_location(
        self, client: CloudTasksAsyncClient
    ) -> None:
        elsewhere = "projects/demo-waybill/locations/europe-west1"
        await client.create_queue(parent=PARENT, queue=queue(f"{PARENT}/queues/alerts"))
        await client.create_queue(parent=elsewhere, queue=queue(f"{elsewhere}/queues/alerts"))

        found = [queue.name async for queue in await client.list_queues(parent=PARENT)]

        assert found == [f"{PARENT}/queues/alerts", QUEUE]

    async def test_a_queue_is_made_once(self, client: CloudTasksAsyncClient) -> None:
        with pytest.raises(exceptions.AlreadyExists):
            await client.create_queue(parent=PARENT, queue=queue(QUEUE))
        with pytest.raises(exceptions.InvalidArgument):
            await client.create_queue(parent=PARENT, queue=queue("offers"))
        with pytest.raises(exceptions.InvalidArgument):
            await client.create_queue(
                parent=PARENT,
                queue=queue(f"{QUEUE}-2", max_dispatches_per_second=501),
            )

    async def test_a_stopped_emulator_frees_its_port_and_starts_again(
        self, emulator: CloudTasksEmulator, signer: Signer, clock: FakeClock
    ) -> None:
        rival = CloudTasksEmulator(emulator.port, signer, [], clock)
        with pytest.raises(RuntimeError):
            await rival.start()

        await emulator.stop()
        await emulator.stop()
        await rival.start()
        await rival.stop()
        await emulator.start()
