"""Cut a connection instead of answering; ASGI itself has no message for that."""

import asyncio

from starlette.requests import Request
from starlette.responses import Response
from uvicorn.protocols.http.h11_impl import H11Protocol


class CuttableProtocol(H11Protocol):
    """HTTP/1.1 whose requests carry `state.cut_connection`; `hang_up` needs it."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.app_state = {**self.app_state, "cut_connection": transport.abort}


async def hang_up(request: Request) -> Response:
    """Cut the connection without an answer; the returned response is discarded."""
    request.state.cut_connection()
    while (await request.receive())["type"] != "http.disconnect":
        continue
    return Response(status_code=204)
