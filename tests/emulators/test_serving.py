"""A server that stops leaves no connection open."""

from __future__ import annotations

import asyncio

import pytest
from starlette.types import Receive, Scope, Send

from emulators.providers.hang_up import CuttableProtocol
from emulators.serving import AppServer
from tests.patience import HANG_SECONDS

REQUEST = b"GET / HTTP/1.1\r\nhost: local\r\n\r\n"


class Stubborn:
    """An application that takes no notice of being cancelled before its client has gone."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.gone = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.asked.set()
        while not self.gone.is_set():
            try:
                while (await receive())["type"] != "http.disconnect":
                    continue
                self.gone.set()
            except asyncio.CancelledError:
                continue


@pytest.mark.parametrize("protocol", [None, CuttableProtocol], ids=["plain", "cuttable"])
async def test_a_request_that_does_not_end_is_cut_when_the_server_stops(
    protocol: type[asyncio.Protocol] | None,
) -> None:
    app = Stubborn()
    server = AppServer(app, 0, protocol)
    await server.start()
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(REQUEST)
    await app.asked.wait()

    await server.stop()

    async with asyncio.timeout(HANG_SECONDS):
        await app.gone.wait()
        assert await reader.read() == b""
    writer.close()


async def test_an_idle_connection_is_closed_when_the_server_stops() -> None:
    server = AppServer(Stubborn(), 0)
    await server.start()
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)

    await server.stop()

    async with asyncio.timeout(HANG_SECONDS):
        assert await reader.read() == b""
    writer.close()
