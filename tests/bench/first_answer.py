"""From the start of a process to its first answers: what was moved behind the import is in here."""

from __future__ import annotations

import http.client
import importlib
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from urllib.parse import urlsplit

import grpc
from starlette.routing import Route

from infra.packing.build import Packed
from tests.bench.errors import NotMeasured
from tests.bench.server import own_redis
from tests.packaging.alone import ENVIRONMENT, started

LIMIT_S = 60
READY = "/health/ready"
REDACTED = "Bearer none.of.ours"
"""A token that is refused without a key: fetching keys would measure a network."""

HEADERS = {"authorization": REDACTED, "content-type": "application/json"}


@dataclass(frozen=True, slots=True)
class Request:
    """A request of the function's own, which it refuses after authentication at the latest."""

    method: str
    path: str


class Start:
    """One deployable, started again and again in processes of their own.

    `ready` notes, start by start, the milliseconds until it has also answered `/health/ready`, for which it
    opens and asks everything that it depends on.
    """

    def __init__(
        self, packed: Packed, request: Request, environment: Mapping[str, str], scratch: Path
    ) -> None:
        self._packed, self._request = packed, request
        self._environment, self._scratch = environment, scratch
        self.ready: list[float] = []

    def milliseconds(self) -> float:
        """Return the time until the first answer. Raises `NotMeasured`."""
        begun = perf_counter()
        with started(self._packed, self._scratch, self._environment) as running:
            host = urlsplit(running.url).netloc
            connection = http.client.HTTPConnection(host, timeout=LIMIT_S)
            self._ask(connection, self._request)
            first = perf_counter()
            self._ask(connection, Request("GET", READY))
            self.ready.append(1000 * (perf_counter() - begun))
            connection.close()
        return 1000 * (first - begun)

    def _ask(self, connection: http.client.HTTPConnection, request: Request) -> None:
        body = None if request.method == "GET" else b"{}"
        connection.request(request.method, request.path, body, HEADERS)
        answer = connection.getresponse()
        answer.read()
        if answer.status >= 500 and request.path != READY:
            raise NotMeasured(f"{self._packed.name} answered {answer.status} to {request.path}")


def own_request(function: str) -> Request:
    """Return a request to the first route that a function has besides its health checks."""
    routes = importlib.import_module(f"functions.{function}.main").app.routes
    route = next(one for one in routes if isinstance(one, Route) and not one.path.startswith("/health"))
    values = dict.fromkeys(route.param_convertors, "x")
    return Request(sorted(route.methods or {"GET"})[-1], route.path.format(**values))


def answering_ok(folder: Path, packages: tuple[str, ...]) -> Packed:
    """Write the deployable that answers "ok": the framework alone."""
    entry = folder / "ok" / "functions" / "ok"
    entry.mkdir(parents=True)
    for package in (entry, entry.parent):
        (package / "__init__.py").touch()
    (entry / "main.py").write_text(
        "import functions_framework.aio\n\n"
        '@functions_framework.aio.http\nasync def ok(request):\n    return "ok"\n'
    )
    (folder / "ok" / "main.py").write_text("from functions.ok.main import ok\n")
    return Packed("ok", folder / "ok", (), packages)


@contextmanager
def neighbours(scratch: Path) -> Iterator[Mapping[str, str]]:
    """Run an empty Redis and a gRPC server that knows no method; yield the environment that names them.

    So a client is loaded, opened and answered, and no time is that of a database.
    """
    server = grpc.server(ThreadPoolExecutor(2))
    address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    google = ("FIRESTORE_EMULATOR_HOST", "PUBSUB_EMULATOR_HOST", "CLOUD_TASKS_EMULATOR_HOST")
    try:
        with own_redis(scratch) as redis_url:
            yield {**ENVIRONMENT, **dict.fromkeys(google, address), "REDIS_URL": redis_url}
    finally:
        server.stop(None)
