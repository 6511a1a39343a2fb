"""One function as functions_framework wants it: an entry point that hands every request to our app."""

from __future__ import annotations

import functions_framework.aio
from functions_framework.aio import HTTPFunction
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.edge.framework import patch_library_router
from shared.edge.settings import refuse_unsafe_start


class _Delegate(Response):
    """A response that lets another ASGI app do all the talking."""

    def __init__(self, app: ASGIApp) -> None:
        super().__init__()
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)


def entry_point(app: ASGIApp, name: str) -> HTTPFunction:
    """Return the functions_framework function `name` that hands every request to `app`.

    Raises `ValueError`, so that the process does not start, for a setting that production must not have.
    """
    refuse_unsafe_start()
    patch_library_router()

    async def function(_: Request) -> Response:
        return _Delegate(app)

    function.__name__ = name
    return functions_framework.aio.http(function)
