"""The operations of an app by `operationId`: which part of a request each value belongs to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts
from starlette.routing import BaseRoute, Route

from shared.edge.idempotency import required_key

HEADERS: Mapping[str, str] = {"idempotency_key": "idempotency-key", "if_match": "if-match"}
"""The header field that a value is sent in, by the name that the value has beside the others."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One route: its method and path template, and the names of the values that are not in its body."""

    method: str
    path: str
    in_path: frozenset[str]
    in_query: frozenset[str]
    in_headers: frozenset[str]
    has_body: bool
    body_required: bool
    key_required: bool


def operations_of(routes: Sequence[BaseRoute]) -> Mapping[str, Operation]:
    """Return the operations of a FastAPI app; routes without an `operationId` are none."""
    return {
        route.operation_id: _operation(route)
        for route in iter_route_contexts(routes)
        if isinstance(route.original_route, APIRoute) and route.operation_id
    }


def bare_operations(routes: Iterable[Route]) -> Mapping[str, Operation]:
    """Return the operations of bare routes: each is named after one, and takes all values in its body."""
    nothing = frozenset[str]()
    return {
        route.name: Operation(method, route.path, nothing, nothing, nothing, True, True, False)
        for route in routes
        for method in sorted((route.methods or set()) - {"HEAD"})
    }


def _operation(route: RouteContext) -> Operation:
    (method,) = route.methods or {""}
    parts = list(_parts(route.dependant))
    headers = {field.alias.lower() for part in parts for field in part.header_params}
    body = route.body_field
    return Operation(
        method=method,
        path=str(route.path_format),
        in_path=frozenset(field.alias for part in parts for field in part.path_params),
        in_query=query_of(route.dependant),
        in_headers=frozenset(name for name, header in HEADERS.items() if header in headers),
        has_body=body is not None,
        body_required=body is not None and body.field_info.is_required(),
        key_required=required_key in [part.call for part in parts],
    )


def query_of(dependant: Dependant) -> frozenset[str]:
    """Return the names of the query parameters of a route, with those of what it depends on."""
    return frozenset(field.alias for part in _parts(dependant) for field in part.query_params)


def _parts(dependant: Dependant) -> Iterator[Dependant]:
    """Yield what a route depends on, itself included."""
    yield dependant
    for inner in dependant.dependencies:
        yield from _parts(inner)


Operations = Callable[[], Mapping[str, Operation]]
"""Returns the operations; called when the first one is needed."""
