"""The answers of the Cloud Tasks emulator to Google's own client library."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from google.api_core import exceptions
from google.cloud import tasks_v2
from google.cloud.tasks_v2.services.cloud_tasks import CloudTasksAsyncClient

from emulators.cloud_tasks.server import CloudTasksEmulator
from emulators.oidc import Signer
from tests.emulators.cloud_tasks import PARENT, QUEUE, gone, queue, task
from tests.emulators.fake_clock import FakeClock
from tests.emulators.recorder import Recorder


class TestNames:
    async def test_the_name_of_a_pending_task_is_in_use(
        self, client: CloudTasksAsyncClient, later: dict[str, Any]
    ) -> None:
        await client.create_task(parent=QUEUE, task=task(name="offer-1", **later))

        with pytest.raises(exceptions.AlreadyExists):
            await client.create_task(parent=QUEUE, task=task(name="offer-1", **later))

    async def test_a_name_stays_in_use_for_an_hour_after_the_end_of_the_task(
        self, client: CloudTasksAsyncClient, function: Recorder, clock: FakeClock
    ) -> None:
        done = await client.create_task(parent=QUEUE, task=task(function, "offer-1"))
        await gone(client, done.name)

        clock.advance(timedelta(minutes=59))
        with pytest.raises(exceptions.AlreadyExists, match="too recently"):
            await client.create_task(parent=QUEUE, task=task(function, "offer-1"))
        clock.advance(timedelta(minutes=1))
        await client.create_task(parent=QUEUE, task=task(function, "offer-1"))

    async def test_a_name_stays_in_use_after_a_deletion(
        self, client: CloudTasksAsyncClient, later: dict[str, Any]
    ) -> None:
        created = await client.create_task(parent=QUEUE, task=task(name="offer-1", **later))
        await client.delete_task(name=created.name)

        with pytest.raises(exceptions.AlreadyExists, match="too recently"):
            await client.create_task(parent=QUEUE, task=task(name="offer-1", **later))

    async def test_tasks_without_a_name_get_unique_names(
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

    async def test_an_unsupported_method_is_unimplemented(self, client: CloudTasksAsyncClient) -> None:
        with pytest.raises(exceptions.MethodNotImplemented):
            await client.purge_queue(name=QUEUE)


class TestTasks:
    async def test_a_body_is_returned_only_in_the_full_view(
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

    @pytest.mark.parametrize("status", [200, 500])
    async def test_a_task_deleted_during_its_attempt_is_not_retried(
        self,
        client: CloudTasksAsyncClient,
        emulator: CloudTasksEmulator,
        function: Recorder,
        clock: FakeClock,
        caplog: pytest.LogCaptureFixture,
        status: int,
    ) -> None:
        function.answers = [status]
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
        assert emulator.counters()["total"]["failed"] == 0
        assert caplog.records == []


class TestQueues:
    async def test_a_queue_has_the_limits_of_its_definition(self, client: CloudTasksAsyncClient) -> None:
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

    async def test_a_queue_is_created_once(self, client: CloudTasksAsyncClient) -> None:
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
