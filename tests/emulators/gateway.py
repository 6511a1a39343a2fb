"""The public gateway in front of functions of the test."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import httpx
import pytest
from starlette.types import ASGIApp

from emulators.gateway import Gateway
from emulators.serving import AppServer
from shared.manifest import Deploy, HttpTrigger, Manifest
from tests.emulators.fake_clock import FakeClock
from tests.emulators.recorder import Recorder
from tests.patience import HANG_SECONDS


def manifest(name: str, *paths: str, timeout_seconds: int = 30) -> Manifest:
    return Manifest(
        name=name,
        summary="A function of the tests",
        http=HttpTrigger(paths=paths) if paths else None,
        deploy=Deploy(service_account=name, timeout_seconds=timeout_seconds),
    )


MANIFESTS = {
    each.name: each
    for each in (
        manifest("orders_api", "/api/v1/orders", "/api/v1/quotes"),
        manifest("dispatch_api", "/api/v1/orders/nearby", timeout_seconds=1),
        manifest("payments_events"),
    )
}


@pytest.fixture
async def gateway(function: Recorder, clock: FakeClock) -> AsyncIterator[Gateway]:
    urls = dict.fromkeys(MANIFESTS, function.url)
    gateway = Gateway(0, MANIFESTS, urls, clock, origins=["https://app.example.com"])
    await gateway.start()
    yield gateway
    await gateway.stop()


@pytest.fixture
async def public(gateway: Gateway) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=gateway.url, timeout=HANG_SECONDS, trust_env=False) as client:
        yield client


@asynccontextmanager
async def in_front_of(app: ASGIApp, clock: FakeClock) -> AsyncIterator[httpx.AsyncClient]:
    """Return a gateway whose every function is `app`."""
    server = AppServer(app, 0)
    await server.start()
    gateway = Gateway(0, MANIFESTS, dict.fromkeys(MANIFESTS, server.url), clock)
    await gateway.start()
    async with httpx.AsyncClient(base_url=gateway.url, timeout=HANG_SECONDS, trust_env=False) as client:
        yield client
    await gateway.stop()
    await server.stop()


@asynccontextmanager
async def raw_function(
    handle: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]], clock: FakeClock
) -> AsyncIterator[httpx.AsyncClient]:
    """Return a gateway in front of a server that controls its connections."""
    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    gateway = Gateway(0, MANIFESTS, dict.fromkeys(MANIFESTS, url), clock)
    await gateway.start()
    async with httpx.AsyncClient(base_url=gateway.url, timeout=HANG_SECONDS, trust_env=False) as client:
        yield client
    await gateway.stop()
    server.close()
    await server.wait_closed()
