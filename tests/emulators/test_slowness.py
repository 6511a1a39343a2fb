"""Emulators that are slow when told to be."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import grpc
import httpx
import pytest
from google.api_core import exceptions
from google.cloud.firestore_v1.types import firestore
from google.cloud.tasks_v2.services.cloud_tasks import CloudTasksAsyncClient
from google.cloud.tasks_v2.services.cloud_tasks.transports import CloudTasksGrpcAsyncIOTransport

from emulators.admin import Admin
from emulators.cloud_tasks.server import CloudTasksEmulator
from emulators.oidc import Signer
from emulators.scheduler import Scheduler
from emulators.slowness import SlowFirestore, Slowness
from emulators.stack.ports import PortLease
from tests.emulators.cloud_tasks import QUEUE, queue, task
from tests.emulators.fake_clock import FakeClock
from tests.emulators.waiting import until

SERVICE = "google.firestore.v1.Firestore"


@pytest.fixture
def slowness() -> Slowness:
    return Slowness()


class TestCloudTasks:
    @pytest.fixture
    async def client(
        self, signer: Signer, clock: FakeClock, slowness: Slowness
    ) -> AsyncIterator[CloudTasksAsyncClient]:
        emulator = CloudTasksEmulator(0, signer, [queue()], clock, slowness)
        await emulator.start()
        async with grpc.aio.insecure_channel(f"127.0.0.1:{emulator.port}") as channel:
            yield CloudTasksAsyncClient(transport=CloudTasksGrpcAsyncIOTransport(channel=channel))
        await emulator.stop()

    async def test_a_slow_call_stores_its_task_when_its_time_has_passed(
        self, client: CloudTasksAsyncClient, clock: FakeClock, slowness: Slowness, later: dict[str, Any]
    ) -> None:
        slowness.create_task = 5
        creating = asyncio.create_task(client.create_task(parent=QUEUE, task=task(name="offer-1", **later)))
        await clock.until_asleep_for(5)
        assert await _names(client) == []

        clock.advance(timedelta(seconds=5))

        assert (await creating).name == f"{QUEUE}/tasks/offer-1"
        assert await _names(client) == ["offer-1"]

    async def test_a_caller_who_hangs_up_before_has_stored_none(
        self, client: CloudTasksAsyncClient, clock: FakeClock, slowness: Slowness, later: dict[str, Any]
    ) -> None:
        slowness.create_task = 5
        with pytest.raises(exceptions.DeadlineExceeded):
            await client.create_task(parent=QUEUE, task=task(name="offer-1", **later), timeout=0.2)
        await until(lambda: clock.nearest() == math.inf)  # the emulator has seen it
        slowness.create_task = 0

        await client.create_task(parent=QUEUE, task=task(name="offer-2", **later))

        assert await _names(client) == ["offer-2"]


async def _names(client: CloudTasksAsyncClient) -> list[str]:
    pager = await client.list_tasks(parent=QUEUE)
    return [found.name.rpartition("/")[2] async for found in pager]


class TestFirestore:
    @pytest.fixture
    async def channel(self, clock: FakeClock, slowness: Slowness) -> AsyncIterator[grpc.aio.Channel]:
        """A connection to the proxy, and behind it a Firestore that answers every request with itself."""
        server = grpc.aio.server()
        echo = grpc.unary_unary_rpc_method_handler(lambda request, _: request)
        methods = {"Commit": echo, "ListDocuments": echo}
        server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, methods),))
        port = server.add_insecure_port("127.0.0.1:0")
        await server.start()
        with PortLease(["proxy"]) as lease:
            proxy = SlowFirestore(lease.ports["proxy"], slowness, clock)
            await proxy.start()
            proxy.forward_to(f"127.0.0.1:{port}")
            async with grpc.aio.insecure_channel(proxy.address) as channel:
                yield channel
            await proxy.stop()
        await server.stop(None)

    async def test_commits_take_longer_and_other_calls_do_not(
        self, channel: grpc.aio.Channel, clock: FakeClock, slowness: Slowness
    ) -> None:
        slowness.commit = 0.5
        request = firestore.CommitRequest.serialize(firestore.CommitRequest(database="d"))
        committing = asyncio.ensure_future(channel.unary_unary(f"/{SERVICE}/Commit")(request))
        await clock.until_asleep_for(0.5)
        assert await channel.unary_unary(f"/{SERVICE}/ListDocuments")(b"read") == b"read"
        assert not committing.done()

        clock.advance(timedelta(seconds=0.5))

        assert await committing == request


class TestAdmin:
    @staticmethod
    def _client(signer: Signer, slowness: Slowness, *, slow_firestore: bool) -> httpx.AsyncClient:
        admin = Admin(signer, Scheduler([], signer), dict, slowness, slow_firestore=slow_firestore)
        transport = httpx.ASGITransport(app=admin.app())
        return httpx.AsyncClient(transport=transport, base_url="http://admin.test")

    async def test_it_changes_the_slowness_of_running_emulators(
        self, signer: Signer, slowness: Slowness
    ) -> None:
        async with self._client(signer, slowness, slow_firestore=True) as admin:
            slow = await admin.put("/slowness", json={"create_task": 5, "commit": 0.5})
            assert (slow.status_code, slowness) == (200, Slowness(create_task=5, commit=0.5))

            assert (await admin.put("/slowness", json={})).json() == {"create_task": 0, "commit": 0}
        assert slowness == Slowness()

    @pytest.mark.parametrize("faulty", [{"commit": -1}, {"commit": 601}, {"reads": 1}, []])
    async def test_it_refuses_what_it_does_not_know(
        self, signer: Signer, slowness: Slowness, faulty: object
    ) -> None:
        async with self._client(signer, slowness, slow_firestore=True) as admin:
            assert (await admin.put("/slowness", json=faulty)).status_code == 422
        assert slowness == Slowness()

    async def test_it_says_when_firestore_is_out_of_its_reach(
        self, signer: Signer, slowness: Slowness
    ) -> None:
        async with self._client(signer, slowness, slow_firestore=False) as admin:
            assert (await admin.put("/slowness", json={"commit": 0.5})).status_code == 409
            assert (await admin.put("/slowness", json={"create_task": 5})).status_code == 200
