"""Rate limits: who may ask how often, and what a client is told of it.

A request takes a token from each bucket that it falls into: that of the user, of the device
(`X-Device-Id`, where it is sent), of the client's address, and of the thing that a route names as its
business key. Whoever changes one of them still has the others against them. A route has the policy
that `limited` gives it, or `DEFAULT`.

The answer says how the bucket stands that is nearest to its end, in the header fields of the IETF's
draft "RateLimit header fields for HTTP" (draft-ietf-httpapi-ratelimit-headers). When Redis is down, a
policy that is `closed` refuses with 503, and the others count in this process alone.
"""

from __future__ import annotations

import hashlib
import ipaddress
import logging
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from starlette.requests import Request

from shared.edge.auth import authenticate
from shared.edge.local_buckets import LocalBuckets
from shared.edge.settings import Settings
from shared.kernel.clock import Clock, utc_now
from shared.kernel.errors import DomainError, TooMany, Unavailable
from shared.kernel.rates import Bucket, Buckets, Level

REPLY_HEADERS = "waybill.reply_headers"
"""Where in the ASGI scope header fields lie that every answer to the request is to have."""

PAUSE = timedelta(seconds=2)
"""So long nobody asks a Redis that has just failed to answer."""

MINUTE = timedelta(minutes=1)
Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])
_POLICY = "rate_policy"
_DEVICE = re.compile(r"[!-~]{1,128}")

log = logging.getLogger(__name__)


class RateLimited(TooMany):
    """You are asking too often; wait for a while."""

    code = "RATE_LIMITED"
    detail = "You are asking too often; wait for a while."


class RateLimitsUnavailable(Unavailable):
    """This is closed for a moment; nothing was done, try again."""

    code = "RATE_LIMITS_UNAVAILABLE"
    detail = "This is closed for a moment; nothing was done, try again."


@dataclass(frozen=True, slots=True)
class Rate:
    """`quota` requests in `window`, as fast as one likes; then as fast as they come back."""

    quota: int
    window: timedelta = MINUTE


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How often a route may be asked, by whom it is asked.

    Routes of the same policy share its buckets. `business_keys` are the path parameters, or the fields of
    the body, of which one names what `business` protects.
    """

    name: str
    user: Rate
    device: Rate
    address: Rate = Rate(3_000)
    """Generous: a mobile carrier puts thousands of people behind one address."""
    business: Rate | None = None
    business_keys: tuple[str, ...] = ()
    closed: bool = False
    """Whether the route is closed, rather than counted locally, while Redis is down."""


DEFAULT = Policy(name="default", user=Rate(300), device=Rate(300))
"""What holds for a route that says nothing."""

COSTLY = Policy(name="costly", user=Rate(60), device=Rate(60), address=Rate(1_200))
"""For what takes work to answer, such as prices and searches."""

CREATING = Policy(name="creating", user=Rate(20), device=Rate(20), address=Rate(600))
"""For what makes something that others have to deal with, such as orders."""

POSITIONS = Policy(name="positions", user=Rate(600), device=Rate(600), address=Rate(60_000))
"""For where a driver is: ten batches a second would be many."""

GUESSABLE = Policy(name="guessable", user=Rate(10), device=Rate(10), address=Rate(60))
"""For where a secret can be tried: sign-ins, codes, PINs."""


def money_policy(name: str, *business_keys: str) -> Policy:
    """Return the policy of a route that moves money for the thing which one of `business_keys` names."""
    return Policy(
        name=name,
        user=Rate(20),
        device=Rate(20),
        address=Rate(600),
        business=Rate(10),
        business_keys=business_keys,
        closed=True,
    )


def limited(policy: Policy) -> Callable[[Endpoint], Endpoint]:
    """Give a route this policy in place of `DEFAULT`; stands below the router's decorator."""

    def mark(endpoint: Endpoint) -> Endpoint:
        setattr(endpoint, _POLICY, policy)
        return endpoint

    return mark


def policy_of(endpoint: Callable[..., Any]) -> Policy:
    """Return the policy of a route by its handler."""
    policy: Policy = getattr(endpoint, _POLICY, DEFAULT)
    return policy


class RateLimiter:
    """Lets requests in as long as their buckets last."""

    def __init__(
        self, shared: Buckets, settings: Settings, *, clock: Clock = utc_now, local: Buckets | None = None
    ) -> None:
        self._shared = shared
        self._scale = settings.rate_limit_scale
        self._proxies = settings.trusted_proxies
        self._clock = clock
        self._local = local or LocalBuckets()
        self._closed_until: datetime | None = None

    async def admit(self, request: Request, policy: Policy, uid: str = "", business: str = "") -> None:
        """Return if the request may be answered; `uid` is that of a verified token, else empty.

        Raises `RateLimited`, or `RateLimitsUnavailable` where the policy is closed without Redis.
        """
        if not self._scale:
            return
        buckets = self._buckets(request, policy, uid, business)
        levels = await self._take(policy, list(buckets.values()))
        standing = list(zip(buckets.items(), levels, strict=True))
        (name, bucket), level = min(standing, key=lambda at: (at[1].granted, at[1].left / at[0][1].quota))
        request.scope.setdefault(REPLY_HEADERS, []).extend(_told(f"{policy.name}-{name}", bucket, level))
        if not all(level.granted for level in levels):
            log.info("rate_limited", extra={"code": f"{policy.name}-{name}"})
            raise RateLimited(retry_after=bucket.next_after(level.left))

    def _buckets(self, request: Request, policy: Policy, uid: str, business: str) -> dict[str, Bucket]:
        """Return the buckets that a request falls into, by what they are about; at least one."""
        device = request.headers.get("x-device-id", "")
        found = {"address": (policy.address, client_address(request, self._proxies))}
        if uid:
            found["user"] = (policy.user, uid)
        if _DEVICE.fullmatch(device):
            found["device"] = (policy.device, device)
        if policy.business and business:
            found["business"] = (policy.business, business)
        return {
            name: Bucket(_key(name, value, policy), max(1, round(rate.quota * self._scale)), rate.window)
            for name, (rate, value) in found.items()
        }

    async def _take(self, policy: Policy, buckets: Sequence[Bucket]) -> Sequence[Level]:
        now = self._clock()
        if self._closed_until is None or now >= self._closed_until:
            try:
                levels = await self._shared.take(buckets, now)
            except Unavailable as error:
                log.warning("rate_limits_unavailable", extra={"code": error.code})
                self._closed_until = now + PAUSE
            else:
                self._closed_until = None
                return levels
        if policy.closed:
            raise RateLimitsUnavailable(retry_after=PAUSE)
        return await self._local.take(buckets, now)


async def admit(request: Request, policy: Policy, uid: str = "", business: str = "") -> None:
    """Ask the rate limiter of the function, if it has one; see `RateLimiter.admit`."""
    rate_limiter = getattr(request.app.state, "rate_limiter", None)
    if rate_limiter is not None:
        await rate_limiter().admit(request, policy, uid, business)


async def caller(request: Request) -> str:
    """Return the uid in the request's token; empty without a valid one, which is for the route to refuse."""
    if request.app.state.tokens is None:
        return ""
    try:
        return (await authenticate(request)).uid
    except DomainError:
        return ""


async def business_value(request: Request, policy: Policy) -> str:
    """Return what the request names under the policy's business keys; empty where it names nothing."""
    keys = policy.business_keys
    values = [request.path_params.get(key) for key in keys]
    if keys and not any(values) and await request.body():
        content = await request.json()
        values = [content.get(key) for key in keys] if isinstance(content, Mapping) else []
    return next((value for value in values if isinstance(value, str) and value), "")


def client_address(request: Request, proxies: int) -> str:
    """Return the client's address as the outermost of our own `proxies` saw it.

    Each proxy appends to `X-Forwarded-For` whom it was called by, so that the entry which counts is the
    `proxies`th from the end; all before it is the client's own invention. Without so many entries the
    request came past the proxies, and the address is that of the connection. Of an IPv6 address the
    network counts, since every household has 2^64 addresses to choose from.
    """
    hops = [hop.strip() for line in request.headers.getlist("x-forwarded-for") for hop in line.split(",")]
    peer = request.client.host if request.client else ""
    seen = hops[-proxies] if 0 < proxies <= len(hops) else peer
    try:
        address = ipaddress.ip_address(seen)
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address):
        mapped = address.ipv4_mapped
        return str(mapped or ipaddress.ip_network((int(address), 64), strict=False).network_address)
    return str(address)


def _key(name: str, value: str, policy: Policy) -> str:
    """Return a bucket's key; a hash, since addresses and devices are personal data."""
    subject = hashlib.sha256(f"{name}:{value}".encode()).hexdigest()[:32]
    return f"rate:{{{subject}}}:{policy.name}"


def _told(name: str, bucket: Bucket, level: Level) -> list[tuple[bytes, bytes]]:
    """Return the header fields that tell a client how a bucket stands."""
    policy = f'"{name}";q={bucket.quota};w={math.ceil(bucket.window.total_seconds())}'
    full = math.ceil(bucket.full_after(level.left).total_seconds())
    state = f'"{name}";r={math.floor(level.left)};t={full}'
    return [(b"ratelimit-policy", policy.encode()), (b"ratelimit", state.encode())]
