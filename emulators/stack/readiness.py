"""Poll a part until it is ready, ends, or exceeds a time limit."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable

import httpx

from emulators.stack.ports import HOST
from emulators.stack.process import Process

Probe = Callable[[], Awaitable[bool]]

INTERVAL_SECONDS = 0.05
PROBE_SECONDS = 2.0


async def until_ready(process: Process, probe: Probe, limit_seconds: float) -> None:
    """Return as soon as the probe succeeds.

    Raises `PartFailedError` when the process ends first or the limit passes.
    """
    ended = asyncio.ensure_future(process.wait())
    deadline = time.monotonic() + limit_seconds
    try:
        while not await probe():
            if ended.done():
                raise process.failure(f"{ended.result()} before it was ready")
            if time.monotonic() > deadline:
                raise process.failure(f"was not ready after {limit_seconds:.0f} s")
            await asyncio.wait((ended,), timeout=INTERVAL_SECONDS)
    finally:
        ended.cancel()
        await asyncio.wait((ended,))  # unlike `await ended` it propagates our own cancellation


def answers(client: httpx.AsyncClient, url: str) -> Probe:
    """Return a probe that succeeds when a GET of the URL returns 200."""

    async def probe() -> bool:
        try:
            return (await client.get(url, timeout=PROBE_SECONDS)).status_code == httpx.codes.OK
        except httpx.TransportError:
            return False

    return probe


def answers_ping(port: int) -> Probe:
    """Return a probe that succeeds when a Redis server on the port answers PING."""

    async def probe() -> bool:
        try:
            reader, writer = await asyncio.open_connection(HOST, port)
        except OSError:
            return False
        try:
            writer.write(b"PING\r\n")
            async with asyncio.timeout(PROBE_SECONDS):
                return await reader.readline() == b"+PONG\r\n"
        except (OSError, TimeoutError):
            return False
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    return probe
