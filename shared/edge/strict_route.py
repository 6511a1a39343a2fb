"""The routes of the functions that FastAPI serves: rate-limited, with a body of strict JSON."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import compile_path, get_name

from shared.edge.admission import API, admitted
from shared.edge.api_operations import query_of
from shared.edge.etags import answered
from shared.edge.ratelimit import policy_of


class StrictRoute(APIRoute):
    """A rate-limited route whose body, if it has one, is strict JSON.

    An operation of the API takes no query parameter that it does not declare. What Google's services and the
    payment gateways call takes any: they add some of their own.

    A new one knows what requests are matched by. FastAPI analyses the rest, its parameters and models, when
    it is first asked for: an API has up to forty routes, and the first request to an instance needs one.
    """

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        self._options = options
        self.path, self.endpoint = path, endpoint
        self.name = options["name"] or get_name(endpoint)
        self.methods = {method.upper() for method in options["methods"]}
        self.operation_id, self.status_code = options["operation_id"], options["status_code"]
        self.include_in_schema = options["include_in_schema"]
        self.path_regex, self.path_format, self.param_convertors = compile_path(path)

    def __getattr__(self, name: str) -> Any:
        """Return what the analysis finds: Python asks here for what is not set yet."""
        options = self.__dict__.pop("_options", None)
        if options is None:
            raise AttributeError(name)
        super().__init__(self.path, self.endpoint, **options)
        return getattr(self, name)

    def get_route_handler(self) -> Callable[[Request], Any]:
        """Return FastAPI's handler, wrapped in the rate limiter and the strict body parser."""
        handler, policy = super().get_route_handler(), policy_of(self.endpoint)
        known = query_of(self.dependant) if self.path.startswith(API) else None

        async def strict(request: Request) -> Response:
            response: Response = await handler(await admitted(request, policy, known))
            return answered(request, response)

        return strict
