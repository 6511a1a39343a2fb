"""The operations of a FastAPI app, read from its routes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import get_origin

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts
from starlette.routing import BaseRoute

from shared.edge.idempotency import required_key
from shared.edge.operations import HEADERS, Operation


def operations_of(routes: Sequence[BaseRoute]) -> Mapping[str, Operation]:
    """Return the operations of a FastAPI app; routes without an `operationId` are none."""
    return {
        route.operation_id: _operation(route)
        for route in iter_route_contexts(routes)
        if isinstance(route.original_route, APIRoute) and route.operation_id
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
        in_query=frozenset(query_of(route.dependant)),
        in_headers=frozenset(name for name, header in HEADERS.items() if header in headers),
        has_body=body is not None,
        body_required=body is not None and body.field_info.is_required(),
        key_required=required_key in [part.call for part in parts],
    )


def query_of(dependant: Dependant) -> dict[str, bool]:
    """Return the query parameters of a route and of what it depends on, and which take several values."""
    fields = (field for part in _parts(dependant) for field in part.query_params)
    return {field.alias: get_origin(field.field_info.annotation) is list for field in fields}


def _parts(dependant: Dependant) -> Iterator[Dependant]:
    """Yield what a route depends on, itself included."""
    yield dependant
    for inner in dependant.dependencies:
        yield from _parts(inner)
