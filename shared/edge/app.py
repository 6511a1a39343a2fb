"""One function as an app: FastAPI inside, functions_framework outside."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

import functions_framework.aio
from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.routing import APIRoute
from functions_framework.aio import HTTPFunction
from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.accounts.ports import RoleBook, TokenVerifier
from shared.edge import errors, logging
from shared.edge.context import MAX_BODY, RequestContext
from shared.edge.oidc import invoker_only
from shared.edge.settings import Settings, refuse_emulators_in_production


class StrictRequest(Request):
    """A request whose JSON may not name a key twice: two readers would see two different requests."""

    async def json(self) -> Any:
        """Return the body's JSON; raises `json.JSONDecodeError` also for a duplicate key."""
        return json.loads(await self.body(), object_pairs_hook=_unique)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise json.JSONDecodeError("duplicate key", "", 0)
    return found


class StrictRoute(APIRoute):
    """A route that reads its body as a `StrictRequest`."""

    def get_route_handler(self) -> Callable[[Request], Any]:
        """Return FastAPI's handler behind a strict request."""
        handler = super().get_route_handler()

        async def strict(request: Request) -> Response:
            response: Response = await handler(StrictRequest(request.scope, request.receive))
            return response

        return strict


def api_router(prefix: str = "", *, tags: Sequence[str] = ()) -> APIRouter:
    """Return a router with strict request bodies."""
    return APIRouter(prefix=prefix, tags=list(tags), route_class=StrictRoute)


def create_app(
    name: str,
    *,
    routers: Sequence[APIRouter],
    settings: Callable[[], Settings],
    summary: str = "",
    tokens: Callable[[], TokenVerifier] | None = None,
    roles: Callable[[], RoleBook] | None = None,
    private: bool = False,
) -> FastAPI:
    """Return the FastAPI app of one function.

    `tokens` and `roles` give the ports on first use. A `private` app lets only the platform in.
    """
    logging.configure()
    app = FastAPI(
        title=f"Waybill {name}",
        summary=summary,
        version="1",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,  # a redirect would be built from the client's own Host header
        dependencies=[Depends(invoker_only(name, settings))] if private else [],
    )
    app.state.tokens = tokens
    app.state.roles = roles
    errors.install(app)
    for router in routers:
        app.include_router(router)
    app.add_api_route("/health", _health, include_in_schema=False)
    app.add_middleware(RequestContext, function=name)
    return app


def create_bare_app(
    name: str, *, routes: Sequence[Route], tokens: Callable[[], TokenVerifier], max_body: int = MAX_BODY
) -> Starlette:
    """Return the app of a function that cannot afford FastAPI on its hot path; all else is alike."""
    logging.configure()
    app = Starlette(routes=[*routes, Route("/health", _bare_health)])
    app.router.redirect_slashes = False
    app.state.tokens = tokens
    errors.install(app)
    app.add_middleware(RequestContext, function=name, max_body=max_body)
    return app


async def _bare_health(_: Request) -> Response:
    return JSONResponse(await _health())


async def _health() -> dict[str, str]:
    return {"status": "ok"}


class _Delegate(Response):
    """A response that lets another ASGI app do all the talking."""

    def __init__(self, app: ASGIApp) -> None:
        super().__init__()
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)


def entry_point(app: ASGIApp, name: str) -> HTTPFunction:
    """Return the functions_framework function `name` that hands every request to `app`.

    Raises `ValueError`, so that the process does not start, for an emulator in production.
    """
    refuse_emulators_in_production()

    async def function(_: Request) -> Response:
        return _Delegate(app)

    function.__name__ = name
    return functions_framework.aio.http(function)
