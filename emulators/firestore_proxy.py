"""A proxy between the functions and the Firestore emulator: it forwards every gRPC call byte for byte."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import grpc
import grpc.aio

_PREFIX = "/google.firestore.v1.Firestore/"


class FirestoreProxy:
    """Listens on `port`; calls wait until `forward_to` gives the address of the emulator.

    A subclass looks at what passes, delays it or loses it.
    """

    def __init__(self, port: int) -> None:
        self.address = f"127.0.0.1:{port}"
        self._target = ""
        self._known = asyncio.Event()
        self._channel: grpc.aio.Channel | None = None
        self._server: grpc.aio.Server | None = None

    async def start(self) -> None:
        """Start listening; raises `RuntimeError` when the port is taken."""
        if self._server is not None:
            return
        server = grpc.aio.server(options=[("grpc.so_reuseport", 0)])
        server.add_generic_rpc_handlers((_Forwarder(self),))
        server.add_insecure_port(self.address)
        await server.start()
        self._server = server

    async def stop(self) -> None:
        """Stop listening and close the connection."""
        if self._server is not None:
            await self._server.stop(None)
            self._server = None
        if self._channel is not None:
            await self._channel.close()
            self._channel = None

    def forward_to(self, address: str) -> None:
        """Forward to the emulator at `address` (host:port)."""
        self._target = address
        self._known.set()

    async def channel(self) -> grpc.aio.Channel:
        """Return the connection to the emulator, after `forward_to` was called."""
        await self._known.wait()
        if self._channel is None:
            self._channel = grpc.aio.insecure_channel(self._target)
        return self._channel

    async def passes(self, method: str, request: bytes) -> bool:
        """Return when the request may be forwarded, or False when it is lost."""
        return True

    def saw_response(self, method: str, request: bytes, response: bytes, first: bool) -> None:
        """Look at a message of the answer to a request before it is forwarded."""


class _Forwarder(grpc.GenericRpcHandler):  # type: ignore[misc]
    def __init__(self, proxy: FirestoreProxy) -> None:
        self._proxy = proxy

    def service(self, details: Any) -> Any:
        """Return a handler that forwards any method as a stream of bytes both ways."""
        path: str = details.method

        async def forward(requests: AsyncIterator[bytes], context: Any) -> AsyncIterator[bytes]:
            method = path.removeprefix(_PREFIX)

            latest = b""

            async def passed() -> AsyncIterator[bytes]:
                nonlocal latest
                async for request in requests:
                    latest = request
                    if not await self._proxy.passes(method, request):
                        return
                    yield request

            metadata = [
                (key, value) for key, value in context.invocation_metadata() if not key.startswith(":")
            ]
            channel = await self._proxy.channel()
            call = channel.stream_stream(path)(passed(), metadata=metadata)
            first = True
            try:
                async for response in call:
                    self._proxy.saw_response(method, latest, response, first)
                    first = False
                    yield response
            except grpc.aio.AioRpcError as error:
                await context.abort(error.code(), error.details(), error.trailing_metadata() or ())

        return grpc.stream_stream_rpc_method_handler(forward)
