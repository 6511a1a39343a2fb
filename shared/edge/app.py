"""One function as an app: FastAPI inside, functions_framework outside."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps

import functions_framework.aio
from fastapi import APIRouter, FastAPI, Request
from functions_framework.aio import HTTPFunction
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.edge import errors, logging
from shared.edge.admission import Guard, admitted
from shared.edge.callable import Callables
from shared.edge.context import MAX_BODY, RequestContext
from shared.edge.framework import patch_library_router
from shared.edge.health import Dependencies, health_routes
from shared.edge.operations import bare_operations, operations_of
from shared.edge.provided import EdgeRuntime
from shared.edge.ratelimit import RateLimiter, policy_of
from shared.edge.settings import Settings, refuse_unsafe_start
from shared.edge.strict_route import StrictRoute
from shared.identity.ports import RoleStore, TokenVerifier


def _rate_limited(route: Route) -> Route:
    """Return a bare route with the rate limiter of the function in front of it."""
    policy, endpoint = policy_of(route.endpoint), route.endpoint

    @wraps(endpoint)
    async def limited_endpoint(request: Request) -> Response:
        response: Response = await endpoint(await admitted(request, policy))
        return response

    return Route(route.path, limited_endpoint, methods=route.methods, name=route.name)


def api_router(prefix: str = "", *, tags: Sequence[str] = ()) -> APIRouter:
    """Return a router of strict routes."""
    return APIRouter(prefix=prefix, tags=list(tags), route_class=StrictRoute)


def create_app(
    name: str,
    *,
    routers: Sequence[APIRouter],
    settings: Callable[[], Settings],
    runtime: EdgeRuntime,
    summary: str = "",
    tokens: Callable[[], TokenVerifier] | None = None,
    roles: Callable[[], RoleStore] | None = None,
    rate_limiter: Callable[[], RateLimiter] | None = None,
    dependencies: Callable[[], Dependencies] | None = None,
    ports: object = None,
    private: bool = False,
) -> FastAPI:
    """Return the FastAPI app of one function.

    `ports` are those of its context; the app passes them to its routes. `tokens`, `roles` and
    `rate_limiter` return the ports on first use. A `private` app admits only the platform; a public one
    has a rate limiter, which applies to all its routes. The operations of an app that knows `tokens` are
    callables too. `/health/ready` checks `dependencies`.
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
    )
    app.state.ports = ports
    app.state.runtime = runtime
    app.state.settings = settings
    app.state.tokens = tokens
    app.state.roles = roles
    app.state.rate_limiter = rate_limiter
    errors.install(app)
    app.state.guard = _invoker_guard(name, settings) if private else None
    for router in routers:  # not included, which would analyse and match each route twice
        app.router.routes += router.routes
    app.router.routes += health_routes(dependencies)
    if tokens:
        app.add_middleware(Callables, operations=lambda: operations_of(app.routes))
    app.add_middleware(RequestContext, function=name)
    return app


def create_bare_app(
    name: str,
    *,
    routes: Sequence[Route],
    settings: Callable[[], Settings],
    runtime: EdgeRuntime,
    tokens: Callable[[], TokenVerifier],
    roles: Callable[[], RoleStore] | None = None,
    rate_limiter: Callable[[], RateLimiter] | None = None,
    dependencies: Callable[[], Dependencies] | None = None,
    ports: object = None,
    max_body: int = MAX_BODY,
) -> Starlette:
    """Return the app of a function that cannot afford FastAPI on its hot path; all else is alike.

    Its routes get a `StrictRequest`. Each is a callable too, by its name, and takes its values in the body.
    """
    logging.configure()
    app = Starlette(routes=[*map(_rate_limited, routes), *health_routes(dependencies)])
    app.router.redirect_slashes = False
    app.state.ports = ports
    app.state.runtime = runtime
    app.state.settings = settings
    app.state.tokens = tokens
    app.state.roles = roles
    app.state.rate_limiter = rate_limiter
    errors.install(app)
    app.add_middleware(Callables, operations=lambda: bare_operations(routes))
    app.add_middleware(RequestContext, function=name, max_body=max_body)
    return app


def _invoker_guard(name: str, settings: Callable[[], Settings]) -> Guard:
    # Here, because only private functions need a verifier of tokens before they have opened their ports.
    from shared.edge.oidc import invoker_only

    return invoker_only(name, settings)


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
