"""The process that runs our own emulators: `python -m emulators.host --config FILE.json`.

The launcher writes the file and waits until GET /ready on the `oidc` port answers 200.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import signal
import sys
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

from google.api_core.exceptions import GoogleAPIError
from pydantic import BaseModel, ConfigDict

from emulators.admin import Admin
from emulators.callables import FunctionsPort, functions_by_operation
from emulators.cloud_tasks.definitions import queues_of
from emulators.cloud_tasks.errors import RejectedError
from emulators.cloud_tasks.server import CloudTasksEmulator
from emulators.eventarc.bridge import EventarcBridge
from emulators.eventarc.trigger import triggers_of
from emulators.gateway import Gateway
from emulators.hosting.server import Hosting
from emulators.oidc import Signer
from emulators.providers.fcm.server import FcmProvider
from emulators.providers.maps.server import MapsProvider
from emulators.providers.storage.server import StorageProvider
from emulators.scheduler import Scheduler, jobs_of
from emulators.serving import AppServer
from emulators.slowness import SlowFirestore, Slowness
from shared.manifest import load_all

# The launcher waits two seconds for the end.
STOP_SECONDS = 1.8
logger = logging.getLogger("emulators.host")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Ports(_Strict):
    """The port of each emulator, on 127.0.0.1."""

    gateway: int
    hosting: int
    callables: int
    cloud_tasks: int
    oidc: int
    fcm: int
    maps: int
    storage: int


class GatewayAccount(_Strict):
    """The port of a payment gateway, our account there, and the URL of its webhooks."""

    port: int
    key_id: str
    key_secret: str
    webhook_secret: str
    webhook_url: str


class FirestoreProxyConfig(_Strict):
    """The port of the proxy that can be slow, and the host:port of the emulator behind it."""

    port: int
    emulator: str


class HostConfig(_Strict):
    """The configuration from the launcher; `functions` maps names to base URLs, `pubsub` is host:port.

    `origins` are those of the pages that may call the API. Without `slow_firestore` no such proxy runs.
    """

    root: Path
    firebase_json: Path
    project: str
    location: str
    pubsub: str
    ports: Ports
    origins: tuple[str, ...]
    functions: dict[str, str]
    payment_gateways: dict[str, GatewayAccount]
    slow_firestore: FirestoreProxyConfig | None = None


class Part(Protocol):
    """An emulator; both methods may be called twice."""

    async def start(self) -> None: ...

    async def stop(self) -> None: ...


class Host:
    """All our emulators, started and stopped together."""

    def __init__(self, config: HostConfig) -> None:
        """Create the emulators; raises `ValueError` when manifests and configuration disagree."""
        manifests = load_all(config.root)
        if missing := sorted(manifests.keys() - config.functions.keys()):
            raise ValueError(f"no address for the functions {', '.join(missing)}")
        urls, ports, project = config.functions, config.ports, config.project
        signer = Signer(f"http://127.0.0.1:{ports.oidc}/oidc")
        queues = queues_of(manifests.values(), project, config.location)
        slowness = Slowness()
        self._tasks = CloudTasksEmulator(ports.cloud_tasks, signer, queues, slowness=slowness)
        self._events = EventarcBridge(config.pubsub, triggers_of(manifests, urls, project), signer)
        self._scheduler = Scheduler(jobs_of(manifests, urls, project), signer)
        operations = functions_by_operation(config.root)
        self._gateway = Gateway(ports.gateway, manifests, urls, origins=config.origins, operations=operations)
        proxy = config.slow_firestore
        self._admin = Admin(
            signer, self._scheduler, self.counters, slowness, slow_firestore=proxy is not None
        )
        self._admin_server = AppServer(self._admin.app(), ports.oidc)
        self._parts: list[Part] = [
            self._tasks,
            self._events,
            self._scheduler,
            self._gateway,
            FunctionsPort(ports.callables, self._gateway, project=project),
            Hosting(ports.hosting, config.firebase_json, self._gateway, project=project),
            *(_provider(name, account) for name, account in config.payment_gateways.items()),
            FcmProvider(ports.fcm),
            MapsProvider(ports.maps),
            StorageProvider(ports.storage, origins=config.origins),
            *([_slow_firestore(proxy, slowness)] if proxy else []),
        ]

    async def start(self) -> None:
        """Start all emulators; on an error stop those that started."""
        try:
            await self._admin_server.start()
            async with asyncio.TaskGroup() as group:
                for part in self._parts:
                    group.create_task(part.start())
        except BaseException as error:
            await self.stop()
            if isinstance(error, BaseExceptionGroup):
                raise error.exceptions[0] from None
            raise
        self._admin.ready = True

    async def stop(self) -> None:
        """Stop all emulators; a failure of one does not keep the others running."""
        self._admin.ready = False
        parts = [*self._parts, self._admin_server]
        for ended in await asyncio.gather(*(part.stop() for part in parts), return_exceptions=True):
            if isinstance(ended, Exception):
                logger.error("a part did not stop", exc_info=ended)

    def counters(self) -> dict[str, Any]:
        """Return the counters of each part since the start."""
        return {
            "tasks": self._tasks.counters(),
            "events": self._events.counters(),
            "scheduler": self._scheduler.counters(),
            "gateway": {"requests": self._gateway.counters()},
        }


def _slow_firestore(config: FirestoreProxyConfig, slowness: Slowness) -> Part:
    """Return the proxy between the functions and Firestore."""
    proxy = SlowFirestore(config.port, slowness)
    proxy.forward_to(config.emulator)
    return proxy


def _provider(name: str, account: GatewayAccount) -> Part:
    """Return the emulator of a payment gateway."""
    provider: Part = import_module(f"emulators.providers.{name}").PaymentProvider(**account.model_dump())
    return provider


async def serve(config: HostConfig) -> None:
    """Run until SIGTERM or SIGINT."""
    stop_requested = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop_requested.set)
    host = Host(config)
    starting = asyncio.create_task(host.start())
    stopping = asyncio.create_task(stop_requested.wait())
    await asyncio.wait((starting, stopping), return_when=asyncio.FIRST_COMPLETED)
    if starting.done():
        starting.result()
        await stopping
    starting.cancel()
    try:
        async with asyncio.timeout(STOP_SECONDS):
            await asyncio.gather(starting, return_exceptions=True)
            await host.stop()
    except TimeoutError:
        logger.warning("not everything ended within %.1f s", STOP_SECONDS)


def main() -> int:
    """Run the process; return 0 after a signal, 1 when the start fails, with the reason on standard error."""
    parser = argparse.ArgumentParser(prog="python -m emulators.host", description=__doc__)
    parser.add_argument("--config", type=Path, required=True, help="the JSON file of the launcher")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    try:
        asyncio.run(serve(HostConfig.model_validate_json(arguments.config.read_text())))
    except (OSError, RuntimeError, ValueError, RejectedError, GoogleAPIError) as error:
        logger.error("could not start: %s: %s", type(error).__name__, error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
