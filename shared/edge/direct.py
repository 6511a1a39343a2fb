"""Hot routes: their usual requests take no way through FastAPI.

A route of FastAPI that is called very often has a second handler, which gets the bare request. It serves the
requests that have nothing but a path with well-formed identifiers: no query, no body. Every other request
goes to the route itself, which is also what the API document describes. So both accept and refuse the same.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any, NamedTuple

from fastapi.routing import APIRoute
from pydantic import BaseModel
from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute
from starlette.types import Receive, Scope, Send

from shared.edge.context import RequestContext
from shared.edge.fields import fields_of
from shared.edge.models import ID_PATTERN
from shared.edge.ratelimit import Policy, admit_address, policy_of

Handler = Callable[[Request], Awaitable[BaseModel | bytes]]
"""Returns the answer to a bare request whose address has been admitted, as a model or as the JSON of one.

Authentication is up to the handler.
"""

_DIRECT = "waybill_direct"
_PARAMETER = re.compile(r"{(\w+)}")


def direct(endpoint: Callable[..., Any]) -> Callable[[Handler], Handler]:
    """Make a handler that of the usual requests of a route; below FastAPI's, whose `endpoint` it names."""

    def mark(handler: Handler) -> Handler:
        setattr(endpoint, _DIRECT, handler)
        return handler

    return mark


class DirectRoute(NamedTuple):
    """A route with a handler for its usual requests, and the paths that these have."""

    route: APIRoute
    path: re.Pattern[str]
    policy: Policy
    handler: Handler


def direct_routes(routes: Iterable[BaseRoute]) -> Sequence[DirectRoute]:
    """Return the routes that have a direct handler."""
    return [
        DirectRoute(route, _usual(route.path), policy_of(route.endpoint), handler)
        for route in routes
        if isinstance(route, APIRoute) and (handler := getattr(route.endpoint, _DIRECT, None))
    ]


def _usual(path: str) -> re.Pattern[str]:
    """Return the paths of a template with well-formed identifiers."""
    identifier = ID_PATTERN.strip("^$")
    return re.compile(_PARAMETER.sub(lambda name: f"(?P<{name[1]}>{identifier})", path))


_FOUND = "waybill.direct_route"


class Direct:
    """Answers the usual requests of a function's hot routes, within the same context as all others."""

    def __init__(self, routes: Sequence[DirectRoute], function: str) -> None:
        self._context = RequestContext(_serve, function)
        self._by_method: dict[str, list[DirectRoute]] = {}
        for one in routes:
            for method in one.route.methods or ():
                self._by_method.setdefault(method, []).append(one)

    def serves(self, scope: Scope) -> bool:
        """Say whether this is a usual request of a hot route, and remember of which."""
        if scope["type"] != "http" or scope["query_string"] or scope.get("root_path"):
            return False
        for one in self._by_method.get(scope["method"], ()):
            values = one.path.fullmatch(scope["path"])
            if values and not _may_have_body(scope):
                scope[_FOUND] = one, values.groupdict()
                return True
        return False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request that it serves."""
        await self._context(scope, receive, send)


async def _serve(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer by the direct handler of the route, and its errors as the app does."""
    found, values = scope[_FOUND]
    scope["route"], scope["path_params"] = found.route, values
    request = Request(scope, receive)
    try:
        await admit_address(request, found.policy)
        answer = await found.handler(request)
    except Exception as error:
        response = await _refusal(request, error)
    else:
        content = answer if isinstance(answer, bytes) else to_json(answer)
        response = Response(content, found.route.status_code or 200, media_type="application/json")
    await response(scope, receive, send)


def _may_have_body(scope: Scope) -> bool:
    fields = fields_of(scope)
    return b"transfer-encoding" in fields or fields.get(b"content-length", b"0") != b"0"


async def _refusal(request: Request, error: Exception) -> Response:
    """Return the answer that the app gives to an error. Raises an unexpected one again."""
    handlers = request.app.exception_handlers
    for kind in type(error).__mro__:
        if kind in handlers:
            response: Response = await handlers[kind](request, error)
            return response
    raise error
