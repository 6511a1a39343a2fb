"""Entity tags of documents: the version that an edit replaces, and a digest of what the caller saw.

A document shows more than what its version counts: a rating, what is sold out, whether a shop is open now. So
a tag is `"7-1f0c2a9b4d3e"`. `If-Match` compares the version in it, strongly: an edit is refused when another
edit came in between, and not because of a new rating. `If-None-Match` compares whole tags, weakly
(RFC 9110, 13.1): whatever has changed, the caller gets it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Header
from starlette.requests import Request
from starlette.responses import Response

_VERSION = re.compile(r'"(\d{1,9})(?:-[0-9a-f]{12})?"', re.ASCII)
_TAG = re.compile(r'(?:W/)?("[^"]*")')
_KEPT = ("etag", "cache-control", "content-location", "date", "expires", "vary")
"""The header fields that a 304 repeats (RFC 9110, 15.4.5)."""

_CONDITIONAL = "waybill_conditional"
Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])


def version_tag(version: int) -> str:
    """Return the `ETag` of one version; the edge adds the digest of the body."""
    return f'"{version}"'


def conditional(endpoint: Endpoint) -> Endpoint:
    """Mark a route as one whose answer has an `ETag`, for the API document."""
    setattr(endpoint, _CONDITIONAL, True)
    return endpoint


def is_conditional(endpoint: Callable[..., Any]) -> bool:
    """Return whether a route is marked by `conditional`."""
    return bool(getattr(endpoint, _CONDITIONAL, False))


def answered(request: Request, response: Response) -> Response:
    """Return the response with its whole tag, or 304 to a caller who has the document already."""
    tag = response.headers.get("etag")
    if tag is None:
        return response
    digest = hashlib.sha256(response.body).hexdigest()[:12]
    response.headers["etag"] = whole = f'{tag.removesuffix(chr(34))}-{digest}"'
    if request.method not in ("GET", "HEAD") or response.status_code != 200:
        return response
    if not _is_known(whole, request.headers.getlist("if-none-match")):
        return response
    kept = {name: value for name, value in response.headers.items() if name in _KEPT}
    return Response(status_code=304, headers=kept)


def versions_in(if_match: str | None) -> frozenset[int] | None:
    """Return the versions that an `If-Match` header allows; None (any) without the header or for `*`.

    Weak and unknown tags match nothing (RFC 9110, 13.1.1: strong comparison).
    """
    if if_match is None or if_match.strip() == "*":
        return None
    tags = (_VERSION.fullmatch(tag.strip()) for tag in if_match.split(","))
    return frozenset(int(tag[1]) for tag in tags if tag)


def _is_known(tag: str, if_none_match: list[str]) -> bool:
    """Return whether a caller has the document with this tag (RFC 9110, 13.1.2: weak comparison)."""
    given = ",".join(if_none_match)
    return given.strip() == "*" or tag in _TAG.findall(given)


async def _if_match_versions(if_match: Annotated[str | None, Header()] = None) -> frozenset[int] | None:
    return versions_in(if_match)


IfMatchVersions = Annotated[frozenset[int] | None, Depends(_if_match_versions)]
"""The versions in the `If-Match` header of the caller; None if any version may be replaced."""
