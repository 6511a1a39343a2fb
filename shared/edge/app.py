"""One function as an app: FastAPI inside, functions_framework outside."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import functions_framework.aio
from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.routing import APIRoute
from functions_framework.aio import HTTPFunction
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.edge import errors, logging
from shared.edge.bodies import StrictRequest
from shared.edge.context import MAX_BODY, RequestContext
from shared.edge.framework import hand_on_every_request
from shared.edge.health import Dependencies, health_routes
from shared.edge.oidc import invoker_only
from shared.edge.provided import EdgeRuntime
from shared.edge.ratelimit import Gate, Policy, admit, business_value, caller, policy_of
from shared.edge.settings import Settings, refuse_emulators_in_production
from shared.identity.ports import RoleBook, TokenVerifier
from shared.kernel.clock import utc_now
from shared.kernel.errors import DomainError
from shared.kernel.ids import new_id


class DefaultRuntime:
    """The clock and the ids of a function that names no runtime."""

    clock = staticmethod(utc_now)
    new_id = staticmethod(new_id)


class StrictRoute(APIRoute):
    """A route behind the function's gate, whose body, where there is one, is strict JSON."""

    def get_route_handler(self) -> Callable[[Request], Any]:
        """Return FastAPI's handler behind the gate and a strict request."""
        handler, policy = super().get_route_handler(), policy_of(self.endpoint)

        async def strict(request: Request) -> Response:
            asked = StrictRequest(request.scope, request.receive)
            await _pass_gate(asked, policy)
            if await asked.body():
                await asked.json()
            response: Response = await handler(asked)
            return response

        return strict


async def _pass_gate(request: Request, policy: Policy) -> None:
    if request.app.state.gate is None:
        return
    uid = await caller(request)
    try:
        business = await business_value(request, policy)
    except (DomainError, HTTPException):  # a body that cannot be read counts all the same
        await admit(request, policy, uid)
        raise
    await admit(request, policy, uid, business)


def _gated(route: Route) -> Route:
    """Return a bare route behind the function's gate."""
    policy, endpoint = policy_of(route.endpoint), route.endpoint

    async def gated(request: Request) -> Response:
        await _pass_gate(request, policy)
        response: Response = await endpoint(request)
        return response

    return Route(route.path, gated, methods=route.methods)


def api_router(prefix: str = "", *, tags: Sequence[str] = ()) -> APIRouter:
    """Return a router of strict routes."""
    return APIRouter(prefix=prefix, tags=list(tags), route_class=StrictRoute)


def create_app(
    name: str,
    *,
    routers: Sequence[APIRouter],
    settings: Callable[[], Settings],
    summary: str = "",
    tokens: Callable[[], TokenVerifier] | None = None,
    roles: Callable[[], RoleBook] | None = None,
    gate: Callable[[], Gate] | None = None,
    dependencies: Callable[[], Dependencies] | None = None,
    ports: object = None,
    runtime: EdgeRuntime | None = None,
    private: bool = False,
) -> FastAPI:
    """Return the FastAPI app of one function.

    `ports` are those of its context, which its routes are given. `tokens`, `roles` and `gate` are opened on
    first use. A `private` app lets only the platform in;
    a public one has a gate, whose limits all its routes keep. `dependencies` is what `/health/ready` asks.
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
    app.state.ports = ports
    app.state.runtime = runtime or DefaultRuntime()
    app.state.tokens = tokens
    app.state.roles = roles
    app.state.gate = gate
    errors.install(app)
    for router in routers:
        app.include_router(router)
    app.router.routes += health_routes(dependencies)
    app.add_middleware(RequestContext, function=name)
    return app


def create_bare_app(
    name: str,
    *,
    routes: Sequence[Route],
    tokens: Callable[[], TokenVerifier],
    gate: Callable[[], Gate] | None = None,
    dependencies: Callable[[], Dependencies] | None = None,
    ports: object = None,
    runtime: EdgeRuntime | None = None,
    max_body: int = MAX_BODY,
) -> Starlette:
    """Return the app of a function that cannot afford FastAPI on its hot path; all else is alike.

    Its routes read their bodies by `bodies.strict_json`.
    """
    logging.configure()
    app = Starlette(routes=[*map(_gated, routes), *health_routes(dependencies)])
    app.router.redirect_slashes = False
    app.state.ports = ports
    app.state.runtime = runtime or DefaultRuntime()
    app.state.tokens = tokens
    app.state.gate = gate
    errors.install(app)
    app.add_middleware(RequestContext, function=name, max_body=max_body)
    return app


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
    hand_on_every_request()

    async def function(_: Request) -> Response:
        return _Delegate(app)

    function.__name__ = name
    return functions_framework.aio.http(function)
