"""One function as a bare Starlette app: it loads neither FastAPI nor what that brings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from shared.edge import errors, logging
from shared.edge.admission import admitted
from shared.edge.callable import Callables
from shared.edge.context import MAX_BODY, RequestContext
from shared.edge.health import Dependencies, health_routes
from shared.edge.operations import bare_operations
from shared.edge.ratelimit import RateLimiter, policy_of
from shared.edge.runtime import EdgeRuntime
from shared.edge.settings import Settings
from shared.identity.ports import RoleStore, TokenVerifier


def _strict(route: Route) -> Route:
    """Return a bare route behind the rate limiter of the function, which gets a `StrictRequest`."""
    policy, endpoint = policy_of(route.endpoint), route.endpoint

    @wraps(endpoint)
    async def limited_endpoint(request: Request) -> Response:
        response: Response = await endpoint(await admitted(request, policy, {}))
        return response

    return Route(route.path, limited_endpoint, methods=route.methods, name=route.name)


def create_bare_app(
    name: str,
    *,
    routes: Sequence[Route] = (),
    unread: Sequence[Route] = (),
    settings: Callable[[], Settings],
    runtime: EdgeRuntime,
    tokens: Callable[[], TokenVerifier] | None = None,
    roles: Callable[[], RoleStore] | None = None,
    rate_limiter: Callable[[], RateLimiter] | None = None,
    dependencies: Callable[[], Dependencies] | None = None,
    ports: object = None,
    max_body: int = MAX_BODY,
) -> Starlette:
    """Return the app of a function that FastAPI would slow down; all else is alike.

    `routes` get a `StrictRequest` that the rate limiter has admitted; with `tokens`, each is a callable too,
    by its name, and takes its values in the body. `unread` ones read the body themselves, because its
    signature is what authorises them.
    """
    logging.configure()
    app = Starlette(routes=[*map(_strict, routes), *unread, *health_routes(dependencies)])
    app.router.redirect_slashes = False
    app.state.ports = ports
    app.state.runtime = runtime
    app.state.settings = settings
    app.state.tokens = tokens
    app.state.roles = roles
    app.state.rate_limiter = rate_limiter
    errors.install(app)
    if tokens:
        app.add_middleware(Callables, operations=lambda: bare_operations(routes))
    app.add_middleware(RequestContext, function=name, max_body=max_body)
    return app
