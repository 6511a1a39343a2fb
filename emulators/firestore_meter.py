"""Count the operations that Firestore would bill: a proxy between the functions and the emulator.

It forwards every gRPC call byte for byte and counts: documents read (found or missing, and one
for an empty query result), documents written and documents deleted.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import grpc
import grpc.aio
from google.cloud.firestore_v1.types import firestore

_PREFIX = "/google.firestore.v1.Firestore/"


class CommitHold:
    """Holds back the commits that delete below `collection`, as if the network had lost them."""

    def __init__(self, collection: str) -> None:
        self._path = f"/documents/{collection}/"
        self.reached = asyncio.Event()
        self._open = asyncio.Event()

    def open(self) -> None:
        """Let later commits pass; a commit that was held back stays lost."""
        self._open.set()

    def holds(self, method: str, request: bytes) -> bool:
        """Return whether to hold back this request, and set `reached` if so."""
        if method != "Commit" or self._open.is_set():
            return False
        writes = firestore.CommitRequest.deserialize(request).writes
        held = any(self._path in write.delete for write in writes)
        if held:
            self.reached.set()
        return held

    async def opened(self) -> None:
        """Return after `open` was called."""
        await self._open.wait()


class FirestoreMeter:
    """A proxy on `port`; calls wait until `forward_to` gives the address of the emulator."""

    def __init__(self, port: int) -> None:
        self.address = f"127.0.0.1:{port}"
        self.counts: Counter[str] = Counter()
        self.by_document: Counter[str] = Counter()
        self.hold: CommitHold | None = None
        self._server = grpc.aio.server()
        self._server.add_generic_rpc_handlers((_Forwarder(self),))
        self._channel: asyncio.Future[grpc.aio.Channel] = asyncio.get_running_loop().create_future()

    async def start(self) -> None:
        """Start listening."""
        self._server.add_insecure_port(self.address)
        await self._server.start()

    async def stop(self) -> None:
        """Stop listening and close the connection."""
        await self._server.stop(None)
        if self._channel.done():
            await self._channel.result().close()

    def forward_to(self, address: str) -> None:
        """Forward to the emulator at `address` (host:port)."""
        self._channel.set_result(grpc.aio.insecure_channel(address))

    async def channel(self) -> grpc.aio.Channel:
        """Return the connection to the emulator, after `forward_to` was called."""
        return await asyncio.shield(self._channel)

    def saw_request(self, method: str, request: bytes) -> None:
        """Count the writes of a commit."""
        if method != "Commit":
            return
        for write in firestore.CommitRequest.deserialize(request).writes:
            kind = "deletes" if write.delete else "writes"
            self._count(kind, write.delete or write.update.name)

    def saw_response(self, method: str, response: bytes, first: bool) -> None:
        """Count the documents of an answer."""
        if method == "BatchGetDocuments":
            answer = firestore.BatchGetDocumentsResponse.deserialize(response)
            if name := answer.found.name or answer.missing:
                self._count("reads", name)
        elif method == "RunQuery":
            document = firestore.RunQueryResponse.deserialize(response).document
            if document.name or first:
                self._count("reads", document.name or "(empty query)")

    def _count(self, kind: str, name: str) -> None:
        self.counts[kind] += 1
        path = name.split("/documents/")[-1].split("/")
        self.by_document[f"{kind} {'/'.join(path[::2])}"] += 1


class _Forwarder(grpc.GenericRpcHandler):  # type: ignore[misc]
    def __init__(self, meter: FirestoreMeter) -> None:
        self._meter = meter

    def service(self, details: Any) -> Any:
        """Return a handler that forwards any method as a stream of bytes both ways."""
        path: str = details.method

        async def forward(requests: AsyncIterator[bytes], context: Any) -> AsyncIterator[bytes]:
            method = path.removeprefix(_PREFIX)

            async def counted_requests() -> AsyncIterator[bytes]:
                async for request in requests:
                    if self._meter.hold and self._meter.hold.holds(method, request):
                        await self._meter.hold.opened()
                        return
                    self._meter.saw_request(method, request)
                    yield request

            metadata = [
                (key, value) for key, value in context.invocation_metadata() if not key.startswith(":")
            ]
            channel = await self._meter.channel()
            call = channel.stream_stream(path)(counted_requests(), metadata=metadata)
            first = True
            try:
                async for response in call:
                    self._meter.saw_response(method, response, first)
                    first = False
                    yield response
            except grpc.aio.AioRpcError as error:
                await context.abort(error.code(), error.details(), error.trailing_metadata() or ())

        return grpc.stream_stream_rpc_method_handler(forward)
