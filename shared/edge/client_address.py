"""The address of a client behind our own proxies."""

from __future__ import annotations

import ipaddress
from functools import lru_cache

from starlette.requests import Request

from shared.edge.fields import fields_of

_FORWARDED = b"x-forwarded-for"


def client_address(request: Request, proxies: int) -> str:
    """Return the address of the client as seen by the outermost of our own `proxies`.

    Each proxy appends the address of its caller to `X-Forwarded-For`, so that the `proxies`th entry from the
    end counts; the client can forge all entries before it. With fewer entries the request did not come
    through the proxies, and the address of the connection counts. For IPv6 the network counts, because every
    household has 2^64 addresses.
    """
    scope = request.scope
    forwarded = request.headers.getlist("x-forwarded-for") if _FORWARDED in fields_of(scope) else []
    hops = [hop.strip() for line in forwarded for hop in line.split(",")]
    peer = scope["client"][0] if scope.get("client") else ""
    return _limited_as(hops[-proxies] if 0 < proxies <= len(hops) else peer)


@lru_cache(10_000)
def _limited_as(found: str) -> str:
    """Return what is limited of an address: all of it, or the network of an IPv6 one."""
    try:
        address = ipaddress.ip_address(found)
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address):
        mapped = address.ipv4_mapped
        return str(mapped or ipaddress.ip_network((int(address), 64), strict=False).network_address)
    return str(address)
