"""Rate limits per user, device, address and business key.

A request takes a token from each of its buckets: those of the user, of the device (`X-Device-Id`, if sent),
of the client's address, and of the entity that the route names as its business key. A client that changes
one of them is still limited by the others. A route has the policy that `limited` sets, or `DEFAULT`.

The answer describes the bucket that is closest to its limit, in the header fields of the IETF draft
"RateLimit header fields for HTTP" (draft-ietf-httpapi-ratelimit-headers). When Redis is down, a policy that
is `closed` answers 503, and the others count in this process only.
"""

from __future__ import annotations

import hashlib
import logging
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from starlette.requests import Request

from shared.edge.auth import authenticate
from shared.edge.client_address import client_address
from shared.edge.local_buckets import LocalBuckets
from shared.edge.settings import Settings
from shared.kernel.clock import Clock, utc_now
from shared.kernel.errors import DomainError, TooMany, Unavailable
from shared.kernel.rates import Bucket, Buckets, Level

REPLY_HEADERS = "waybill.reply_headers"
"""The key in the ASGI scope for the header fields of every answer to the request."""

RETRY_REDIS_AFTER = timedelta(seconds=2)
"""After a failure, Redis is not asked for this time."""

MINUTE = timedelta(minutes=1)
Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])
_POLICY = "rate_policy"
_DEVICE = re.compile(r"[!-~]{1,128}")

log = logging.getLogger(__name__)


class RateLimited(TooMany):
    """The client sent too many requests."""

    code = "RATE_LIMITED"
    detail = "You sent too many requests. Wait for the time in `Retry-After`."


class RateLimitsUnavailable(Unavailable):
    """The rate limits cannot be checked now."""

    code = "RATE_LIMITS_UNAVAILABLE"
    detail = "This is temporarily unavailable. Nothing was done; try again."


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `quota` requests in `window`, also in a burst."""

    quota: int
    window: timedelta = MINUTE


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The rate limits of a route.

    Routes of the same policy share its buckets. `business_keys` are path parameters or fields of the body;
    one of them names the entity that `business` protects.
    """

    name: str
    user: Rate
    device: Rate
    address: Rate = Rate(3_000)
    """High, because a mobile carrier puts thousands of users behind one address."""
    business: Rate | None = None
    business_keys: tuple[str, ...] = ()
    closed: bool = False
    """Whether the route is unavailable, instead of limited per process, while Redis is down."""


DEFAULT = Policy(name="default", user=Rate(300), device=Rate(300))
"""The policy of a route without an own one."""

COSTLY = Policy(name="costly", user=Rate(60), device=Rate(60), address=Rate(1_200))
"""For expensive requests, such as prices and searches."""

CREATING = Policy(name="creating", user=Rate(20), device=Rate(20), address=Rate(600))
"""For requests that create work for other users, such as orders."""

POSITIONS = Policy(name="positions", user=Rate(600), device=Rate(600), address=Rate(60_000))
"""For the positions of drivers: up to ten batches a second."""

GUESSABLE = Policy(name="guessable", user=Rate(10), device=Rate(10), address=Rate(60))
"""For secrets that can be guessed: sign-ins, codes, PINs."""


def money_policy(name: str, *business_keys: str) -> Policy:
    """Return the policy of a route that moves money for the entity that one of `business_keys` names."""
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
    """Set the policy of a route; place this decorator below that of the router."""

    def mark(endpoint: Endpoint) -> Endpoint:
        setattr(endpoint, _POLICY, policy)
        return endpoint

    return mark


def policy_of(endpoint: Callable[..., Any]) -> Policy:
    """Return the policy of a route's handler."""
    policy: Policy = getattr(endpoint, _POLICY, DEFAULT)
    return policy


class RateLimiter:
    """Admits requests as long as their buckets have tokens."""

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
        """Return if the request is admitted; `uid` is that of a verified token, else empty.

        Raises `RateLimited`, or `RateLimitsUnavailable` where the policy is closed without Redis.
        """
        if not self._scale:
            return
        buckets = self._buckets(request, policy, uid, business)
        levels = await self._take(policy, list(buckets.values()))
        levels_by_bucket = list(zip(buckets.items(), levels, strict=True))
        (name, bucket), level = min(
            levels_by_bucket, key=lambda at: (at[1].granted, at[1].left / at[0][1].quota)
        )
        request.scope.setdefault(REPLY_HEADERS, []).extend(_headers(f"{policy.name}-{name}", bucket, level))
        if not all(level.granted for level in levels):
            log.info("rate_limited", extra={"code": f"{policy.name}-{name}"})
            raise RateLimited(retry_after=bucket.next_after(level.left))

    def _buckets(self, request: Request, policy: Policy, uid: str, business: str) -> dict[str, Bucket]:
        """Return the buckets of a request by their kind; at least one."""
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
                self._closed_until = now + RETRY_REDIS_AFTER
            else:
                self._closed_until = None
                return levels
        if policy.closed:
            raise RateLimitsUnavailable(retry_after=RETRY_REDIS_AFTER)
        return await self._local.take(buckets, now)


async def admit(request: Request, policy: Policy, uid: str = "", business: str = "") -> None:
    """Ask the rate limiter of the function, if it has one; see `RateLimiter.admit`."""
    rate_limiter = getattr(request.app.state, "rate_limiter", None)
    if rate_limiter is not None:
        await rate_limiter().admit(request, policy, uid, business)


async def caller(request: Request) -> str:
    """Return the uid in the token of the request; empty without a valid token, which the route rejects."""
    if request.app.state.tokens is None:
        return ""
    try:
        return (await authenticate(request)).uid
    except DomainError:
        return ""


async def business_value(request: Request, policy: Policy) -> str:
    """Return the value of the first business key in the request; empty without one."""
    keys = policy.business_keys
    values = [request.path_params.get(key) for key in keys]
    if keys and not any(values) and await request.body():
        content = await request.json()
        values = [content.get(key) for key in keys] if isinstance(content, Mapping) else []
    return next((value for value in values if isinstance(value, str) and value), "")


def _key(name: str, value: str, policy: Policy) -> str:
    """Return the key of a bucket: a hash, because addresses and devices are personal data."""
    subject = hashlib.sha256(f"{name}:{value}".encode()).hexdigest()[:32]
    return f"rate:{{{subject}}}:{policy.name}"


def _headers(name: str, bucket: Bucket, level: Level) -> list[tuple[bytes, bytes]]:
    """Return the header fields that describe a bucket."""
    policy = f'"{name}";q={bucket.quota};w={math.ceil(bucket.window.total_seconds())}'
    full = math.ceil(bucket.full_after(level.left).total_seconds())
    state = f'"{name}";r={math.floor(level.left)};t={full}'
    return [(b"ratelimit-policy", policy.encode()), (b"ratelimit", state.encode())]
