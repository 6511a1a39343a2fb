"""All our emulators together, as the launcher runs them."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import grpc
import httpx
import jwt
import pytest
from google.cloud import tasks_v2
from google.cloud.tasks_v2.services.cloud_tasks import CloudTasksAsyncClient
from google.cloud.tasks_v2.services.cloud_tasks.transports import CloudTasksGrpcAsyncIOTransport
from google.pubsub_v1 import PublisherAsyncClient, PubsubMessage
from google.pubsub_v1.services.publisher.transports import PublisherGrpcAsyncIOTransport

from emulators.host import Host, HostConfig
from emulators.stack.layout import OUR_PARTS as PARTS
from emulators.stack.layout import SINGLE_PARTS
from emulators.stack.ports import PortLease
from tests.emulators.recorder import Recorder
from tests.emulators.waiting import look_again
from tests.patience import HANG_SECONDS

pytestmark = pytest.mark.emulator

REPOSITORY = Path(__file__).parents[2]
MANIFEST = """
summary = "A function of the tests"
[http]
paths = ["/api/v1/orders"]
[[events]]
topic = "host-tests"
[tasks]
queue = "offers"
max_attempts = 7
[[schedule]]
path = "/cron/sweep"
cron = "0 0 1 1 *"
[deploy]
service_account = "orders"
"""


@pytest.fixture
async def config(tmp_path: Path, function: Recorder, pubsub: str) -> AsyncIterator[dict[str, Any]]:
    folder = tmp_path / "functions" / "orders_api"
    folder.mkdir(parents=True)
    (folder / "function.toml").write_text(MANIFEST)
    with PortLease(PARTS) as lease:
        yield {
            "root": str(tmp_path),
            "firebase_json": str(REPOSITORY / "firebase.json"),
            "project": "demo-waybill",
            "location": "asia-south1",
            "pubsub": pubsub,
            "ports": {part: lease.ports[part] for part in SINGLE_PARTS},
            "origins": [],
            "functions": {"orders_api": function.url},
            "payment_gateways": {
                "upi": {
                    "port": lease.ports["upi"],
                    "key_id": "key",
                    "key_secret": "secret",
                    "webhook_secret": "webhook-secret",
                    "webhook_url": "http://127.0.0.1:9/webhooks/upi",
                }
            },
        }


def admin_url(config: dict[str, Any]) -> str:
    return f"http://127.0.0.1:{config['ports']['oidc']}"


class TestTogether:
    @pytest.fixture
    async def admin(self, config: dict[str, Any]) -> AsyncIterator[httpx.AsyncClient]:
        host = Host(HostConfig.model_validate(config))
        await host.start()
        async with httpx.AsyncClient(
            base_url=admin_url(config), timeout=HANG_SECONDS, trust_env=False
        ) as client:
            yield client
        await host.stop()
        await host.stop()

    async def test_every_part_calls_the_function_and_counts_it(
        self, admin: httpx.AsyncClient, config: dict[str, Any], function: Recorder, pubsub: str
    ) -> None:
        await publish(pubsub)
        event = await function.next_call()
        await create_task(config, function)
        task = await function.next_call()
        run = await admin.post("/scheduler/jobs/orders_api/cron/sweep/run")
        job = await function.next_call()
        async with httpx.AsyncClient(timeout=HANG_SECONDS, trust_env=False) as public:
            await public.get(f"http://127.0.0.1:{config['ports']['gateway']}/api/v1/orders")
        request = await function.next_call()

        keys = jwt.PyJWKSet.from_dict((await admin.get("/oidc/jwks.json")).json())
        issuer = f"{admin_url(config)}/oidc"
        for call in (event, task, job):
            token = call.headers["authorization"].removeprefix("Bearer ")
            claims = jwt.decode(
                token, keys.keys[0], algorithms=["RS256"], audience=function.url, issuer=issuer
            )
            assert claims["email"] == "invoke-orders-api@demo-waybill.iam.gserviceaccount.com"
        assert (run.status_code, run.json()) == (200, {"status": 200, "error": None})
        assert [call.path for call in (event, task, job, request)] == [
            "/",
            "/tasks/expire",
            "/cron/sweep",
            "/api/v1/orders",
        ]
        # The function has the event, but the bridge has its answer only a moment later.
        while delivered(counters := (await admin.get("/counters")).json()) == 0:
            await look_again()
        assert counters == {
            "tasks": {
                "total": {"created": 1, "dispatched": 1, "deleted": 0, "failed": 0, "abandoned": 0},
                "queues": {
                    "offers": {"created": 1, "dispatched": 1, "deleted": 0, "failed": 0, "abandoned": 0}
                },
            },
            "events": {
                "subscriptions": {
                    "eventarc-orders_api-host-tests": {
                        "received": 1,
                        "delivered": 1,
                        "retried": 0,
                        "dead_lettered": 0,
                    }
                },
                "topics": {"host-tests": {"delivered": 1}},
            },
            "scheduler": {"orders_api/cron/sweep": {"runs": 1, "failed": 0, "skipped": 0}},
            "gateway": {"requests": {"orders_api": 1}},
        }

    async def test_a_forced_run_returns_its_result(
        self, admin: httpx.AsyncClient, function: Recorder
    ) -> None:
        function.answers = [500]

        failed = await admin.post("/scheduler/jobs/orders_api/cron/sweep/run")
        unknown = await admin.post("/scheduler/jobs/orders_api/cron/other/run")

        assert (failed.status_code, failed.json()["status"]) == (502, 500)
        assert unknown.status_code == 404

    async def test_the_providers_answer(self, admin: httpx.AsyncClient, config: dict[str, Any]) -> None:
        ports = config["ports"] | {"upi": config["payment_gateways"]["upi"]["port"]}
        for part in ("upi", "fcm", "maps", "storage"):
            answer = await admin.get(f"http://127.0.0.1:{ports[part]}/nowhere")
            assert 400 <= answer.status_code < 500


class TestFaultyConfiguration:
    async def test_a_function_without_an_address_is_named(self, config: dict[str, Any]) -> None:
        with pytest.raises(ValueError, match="orders_api"):
            Host(HostConfig.model_validate(config | {"functions": {}}))

    async def test_a_port_in_use_stops_the_started_parts(
        self, config: dict[str, Any], function: Recorder
    ) -> None:
        taken = int(function.url.rpartition(":")[2])
        host = Host(HostConfig.model_validate(config | {"ports": config["ports"] | {"gateway": taken}}))

        with pytest.raises(OSError, match="in use"):
            await host.start()

        async with httpx.AsyncClient(timeout=HANG_SECONDS, trust_env=False) as client:
            with pytest.raises(httpx.ConnectError):
                await client.get(f"{admin_url(config)}/ready")


class TestProcess:
    @pytest.fixture
    async def process(
        self, config: dict[str, Any], tmp_path: Path
    ) -> AsyncIterator[asyncio.subprocess.Process]:
        file = tmp_path / "host.json"
        file.write_text(json.dumps(config))
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "emulators.host", "--config", str(file)),
            cwd=REPOSITORY,
            stderr=asyncio.subprocess.PIPE,
        )
        yield process
        if process.returncode is None:
            process.kill()
        await process.communicate()

    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
    async def test_a_signal_ends_a_ready_host_cleanly(
        self, process: asyncio.subprocess.Process, config: dict[str, Any], number: signal.Signals
    ) -> None:
        await ready(admin_url(config), process)

        process.send_signal(number)
        _, errors = await process.communicate()

        assert (process.returncode, errors.decode()) == (0, "")

    async def test_a_host_whose_port_is_in_use_fails_with_a_message(
        self, config: dict[str, Any], tmp_path: Path, function: Recorder
    ) -> None:
        file = tmp_path / "host.json"
        taken = int(function.url.rpartition(":")[2])
        file.write_text(json.dumps(config | {"ports": config["ports"] | {"oidc": taken}}))
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "emulators.host", "--config", str(file)),
            cwd=REPOSITORY,
            stderr=asyncio.subprocess.PIPE,
        )

        _, errors = await process.communicate()

        assert process.returncode == 1
        assert "could not start" in errors.decode()


def delivered(counters: dict[str, Any]) -> int:
    return int(counters["events"]["topics"]["host-tests"]["delivered"])


async def ready(url: str, process: asyncio.subprocess.Process) -> None:
    async with httpx.AsyncClient(timeout=HANG_SECONDS, trust_env=False) as client:
        while process.returncode is None:
            try:
                if (await client.get(f"{url}/ready")).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            await look_again()
    raise AssertionError(f"the host ended with status {process.returncode}")


async def publish(pubsub: str) -> None:
    async with grpc.aio.insecure_channel(pubsub) as channel:
        client = PublisherAsyncClient(transport=PublisherGrpcAsyncIOTransport(channel=channel))
        await client.publish(
            topic="projects/demo-waybill/topics/host-tests", messages=[PubsubMessage(data=b"hello")]
        )


async def create_task(config: dict[str, Any], function: Recorder) -> None:
    token = tasks_v2.OidcToken(
        service_account_email="invoke-orders-api@demo-waybill.iam.gserviceaccount.com",
        audience=function.url,
    )
    request = tasks_v2.HttpRequest(url=f"{function.url}/tasks/expire", oidc_token=token)
    async with grpc.aio.insecure_channel(f"127.0.0.1:{config['ports']['cloud_tasks']}") as channel:
        client = CloudTasksAsyncClient(transport=CloudTasksGrpcAsyncIOTransport(channel=channel))
        parent = "projects/demo-waybill/locations/asia-south1/queues/offers"
        assert (await client.get_queue(name=parent)).retry_config.max_attempts == 7
        await client.create_task(parent=parent, task=tasks_v2.Task(http_request=request))
