"""One function as a FastAPI app."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from fastapi import APIRouter, FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from shared.edge import errors, logging
from shared.edge.admission import Guard
from shared.edge.api_operations import operations_of
from shared.edge.callable import Callables
from shared.edge.context import RequestContext
from shared.edge.direct import Direct, direct_routes
from shared.edge.health import Dependencies, health_routes
from shared.edge.ratelimit import RateLimiter
from shared.edge.runtime import EdgeRuntime
from shared.edge.settings import Settings
from shared.edge.strict_route import StrictRoute
from shared.identity.ports import RoleStore, TokenVerifier


def api_router(prefix: str = "", *, tags: Sequence[str] = ()) -> APIRouter:
    """Return a router of strict routes."""
    return APIRouter(prefix=prefix, tags=list(tags), route_class=StrictRoute)


class _App(FastAPI):
    """A FastAPI app that leaves the usual requests of hot routes to `Direct`."""

    direct: Direct | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if self.direct is not None and self.direct.serves(scope):
            scope["app"] = self
            await self.direct(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


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
    app = _App(
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
    app.add_exception_handler(RequestValidationError, _on_validation_error)
    app.state.guard = _invoker_guard(name, settings) if private else None
    for router in routers:  # not included, which would analyse and match each route twice
        app.router.routes += router.routes
    app.router.routes += health_routes(dependencies)
    if hot := direct_routes(app.routes):
        app.direct = Direct(hot, name)
    if tokens:
        app.add_middleware(Callables, operations=lambda: operations_of(app.routes))
    app.add_middleware(RequestContext, function=name)
    return app


def _invoker_guard(name: str, settings: Callable[[], Settings]) -> Guard:
    # Here, because only private functions need a verifier of tokens before they have opened their ports.
    from shared.edge.oidc import invoker_only

    return invoker_only(name, settings)


async def _on_validation_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for this class
    return errors.invalid_problem(request, error.errors())
