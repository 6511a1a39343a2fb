"""Which errors a route can end in: declared beside its handler, published in the API document.

A dependency of routes (a level of authentication, the idempotency key) declares its errors in the same way.
What any route may end in (the token, the rate limits, the body, the database) is not declared: see
`tools/docs/openapi/problems.py`. The test suite compares what it saw with what is declared, both ways.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from shared.kernel.errors import DomainError

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])
_REFUSALS = "waybill_refusals"


def refuses(*errors: type[DomainError]) -> Callable[[Endpoint], Endpoint]:
    """Declare the errors of a route's own context (below the router's decorator), or of a dependency."""

    def mark(endpoint: Endpoint) -> Endpoint:
        setattr(endpoint, _REFUSALS, frozenset(errors))
        return endpoint

    return mark


def refusals_of(endpoint: Callable[..., Any]) -> frozenset[type[DomainError]]:
    """Return the errors that a route's handler or a dependency declares."""
    declared: frozenset[type[DomainError]] = getattr(endpoint, _REFUSALS, frozenset())
    return declared
