"""Header fields that every answer has, for the browser that may show it.

An answer of the API is data: no page may frame it, nothing in it may run, and no cache may keep what is
private. A route whose answer is the same for everybody sets its own `Cache-Control`.
"""

from __future__ import annotations

from collections.abc import Iterable

Headers = list[tuple[bytes, bytes]]

SECURITY_HEADERS: dict[str, str] = {
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}

_ENCODED: Headers = [(name.lower().encode(), value.encode()) for name, value in SECURITY_HEADERS.items()]
_NAMES = frozenset(name for name, _ in _ENCODED)


def lacking(present: Iterable[tuple[bytes, bytes]]) -> Headers:
    """Return the fields that an answer with the header fields `present` does not set itself."""
    names = {name.lower() for name, _ in present}
    if _NAMES.isdisjoint(names):
        return _ENCODED
    return [(name, value) for name, value in _ENCODED if name not in names]
