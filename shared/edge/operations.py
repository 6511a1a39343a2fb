"""The operations of an app by `operationId`: which part of a request each value belongs to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from starlette.routing import Route

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


def bare_operations(routes: Iterable[Route]) -> Mapping[str, Operation]:
    """Return the operations of bare routes: each is named after one, and takes all values in its body."""
    nothing = frozenset[str]()
    return {
        route.name: Operation(method, route.path, nothing, nothing, nothing, True, True, False)
        for route in routes
        for method in sorted((route.methods or set()) - {"HEAD"})
    }


Operations = Callable[[], Mapping[str, Operation]]
"""Returns the operations; called when the first one is needed."""
