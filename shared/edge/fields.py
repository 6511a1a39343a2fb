"""The header fields of a request, looked at once."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.types import Scope

_FIELDS = "waybill.header_fields"
_Known = tuple[list[tuple[bytes, bytes]], dict[bytes, bytes]]


def fields_of(scope: Scope) -> Mapping[bytes, bytes]:
    """Return the header fields by their names in lower case; of several with one name the first."""
    headers = scope["headers"]
    known: _Known | None = scope.get(_FIELDS)
    if known is None or known[0] is not headers:  # a callable gets others on its way
        scope[_FIELDS] = known = headers, dict(reversed(headers))
    return known[1]


def field(scope: Scope, name: bytes) -> str:
    """Return a header field of a request, empty without it."""
    return fields_of(scope).get(name, b"").decode("latin-1")
