"""Let pages of other origins read the answers of our emulators, with the headers that functions send."""

from __future__ import annotations

from collections.abc import Collection

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.edge import cors, security_headers


def open_to_pages(request: Request, response: Response, origins: Collection[str]) -> None:
    """Add to an answer what the edge of a function adds to every answer."""
    raw = response.raw_headers
    raw += cors.answer_headers(cors.allowed_origin(request.headers.get("origin", ""), origins))
    raw += security_headers.lacking(raw)


class CrossOrigin:
    """Lets pages of the origins read the answers of an emulator, and answers their preflights.

    A page may send any header field: the settings of a bucket list those that its signed URLs name.
    """

    def __init__(self, app: ASGIApp, origins: Collection[str]) -> None:
        self._app = app
        self._origins = origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        allowed = cors.allowed_origin(request.headers.get("origin", ""), self._origins)

        async def answered(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *cors.answer_headers(allowed)]
            await send(message)

        app = _preflight(request) if cors.is_preflight(request.scope) else self._app
        await app(scope, receive, answered)


def _preflight(request: Request) -> Response:
    answer = cors.preflight_answer()
    answer.headers["Access-Control-Allow-Headers"] = request.headers.get("access-control-request-headers", "")
    return answer
