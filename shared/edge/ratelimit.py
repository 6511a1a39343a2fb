"""Rate limits per address, user, device and entity.

A request takes a token from each of its buckets, and from each only when the caller has shown a right to it:
from that of the client's address on arrival; from those of the user and the device (`X-Device-Id`, if sent)
when the token is valid and the account's status was read; from that of an entity, such as an order that is
paid, when the use case has authorised the caller for it. So no client uses up the requests of another. A
client that changes one of them is still limited by the others. A route has the policy that `limited` sets,
or `DEFAULT`.

The answer describes the bucket that is closest to its limit, in the header fields of the IETF draft
"RateLimit header fields for HTTP" (draft-ietf-httpapi-ratelimit-headers).

A process grants its share of a bucket by itself, and settles with Redis afterwards (`shared.edge.shares`). A
policy that is `closed` asks Redis each time, and answers 503 when it is down; the others then count in this
process only.
"""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import repeat
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.types import Scope

from shared.edge.client_address import client_address
from shared.edge.fields import field
from shared.edge.local_buckets import LocalBuckets
from shared.edge.ratelimit_fields import Described, Fields, fields_of
from shared.edge.settings import Settings
from shared.edge.shares import MAX_COPIES, Shares
from shared.kernel.admission import Admit
from shared.kernel.clock import Clock, utc_now
from shared.kernel.errors import TooMany, Unavailable
from shared.kernel.rates import Bucket, Buckets, Level

_POLICY_OF_REQUEST = "waybill.rate_policy"
"""The key in the ASGI scope for the policy of the route."""

_CLOSEST = "waybill.closest_limit"
"""The key in the ASGI scope for the bucket that is closest to its limit so far."""

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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Policy:
    """The rate limits of a route.

    Routes of the same policy share its buckets. A route whose policy has an `entity` rate takes an
    `EntityLimit`, and its use case calls it.
    """

    name: str
    user: Rate
    device: Rate
    address: Rate = Rate(3_000)
    """High, because a mobile carrier puts thousands of users behind one address."""
    entity: Rate | None = None
    """The limit of one entity, for all its callers together."""
    closed: bool = False
    """Whether the route is unavailable, instead of limited per process, while Redis is down."""


DEFAULT = Policy(name="default", user=Rate(300), device=Rate(300))
"""The policy of a route without an own one."""

COSTLY = Policy(name="costly", user=Rate(60), device=Rate(60), address=Rate(1_200))
"""For expensive requests, such as prices and searches."""

GEOCODED = Policy(
    name="geocoded",
    user=Rate(60, timedelta(hours=1)),
    device=Rate(60, timedelta(hours=1)),
    address=Rate(1_200, timedelta(hours=1)),
)
"""For requests that may ask a map, which costs money: few people move house sixty times an hour."""

MENUS = Policy(name="menus", user=Rate(60), device=Rate(60))
"""For changes of a menu: each stores a version of up to 0.7 MB."""

CREATING = Policy(name="creating", user=Rate(20), device=Rate(20), address=Rate(600))
"""For requests that create work for other users, such as orders."""

POSITIONS = Policy(name="positions", user=Rate(600), device=Rate(600), address=Rate(60_000))
"""For the positions of drivers: up to ten batches a second."""

GUESSABLE = Policy(name="guessable", user=Rate(10), device=Rate(10), address=Rate(60))
"""For secrets that can be guessed: sign-ins, codes, PINs."""


def money_policy(name: str) -> Policy:
    """Return the policy of a route that moves money for one entity, such as an order."""
    return Policy(
        name=name,
        user=Rate(20),
        device=Rate(20),
        address=Rate(600),
        entity=Rate(10),
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
    """Admits requests as long as their buckets have tokens.

    With `shares`, most requests are admitted without asking `shared`.
    """

    def __init__(
        self,
        shared: Buckets,
        settings: Settings,
        *,
        clock: Clock = utc_now,
        shares: Shares | None = None,
    ) -> None:
        self._shared = shared
        self._scale = settings.rate_limit_scale
        self._proxies = settings.trusted_proxies
        self._clock = clock
        self._shares = shares
        self._local = LocalBuckets()
        self._closed_until: datetime | None = None

    async def admit(self, request: Request, policy: Policy, **subjects: str) -> None:
        """Return if the request is admitted; `subjects` are values by the kind of bucket, without empty ones.

        Raises `RateLimited`, or `RateLimitsUnavailable` where the policy is closed without Redis.
        """
        kinds = [kind for kind, value in subjects.items() if value and getattr(policy, kind)]
        if not self._scale or not kinds:
            return
        buckets = [_bucket(policy, kind, subjects[kind], self._scale) for kind in kinds]
        now = self._clock()
        granted = self._shares.grant(buckets, now) if self._shares and not policy.closed else None
        levels = granted or await self._ask(policy, buckets, now)
        found = [*map(Described, repeat(policy.name), kinds, buckets, levels)]
        closest = found[0] if len(found) == 1 else min(found, key=Described.closeness)
        _describe(request.scope, closest)
        if not closest.level.granted:
            log.info("rate_limited", extra={"code": closest.name})
            raise RateLimited(retry_after=closest.bucket.next_after(closest.level.left))

    def address_of(self, request: Request) -> str:
        """Return the address of the client behind our own proxies."""
        return client_address(request, self._proxies)

    async def _ask(self, policy: Policy, buckets: Sequence[Bucket], now: datetime) -> Sequence[Level]:
        """Ask Redis, unless it has just failed."""
        if self._closed_until is None or now >= self._closed_until:
            try:
                levels = await self._shared.take(buckets, now)
            except Unavailable as error:
                log.warning("rate_limits_unavailable", extra={"code": error.code})
                self._closed_until = now + RETRY_REDIS_AFTER
            else:
                self._closed_until = None
                self._learn(buckets, levels, now)
                return levels
        if policy.closed:
            raise RateLimitsUnavailable(retry_after=RETRY_REDIS_AFTER)
        return await self._take_alone(buckets, now)

    def _learn(self, buckets: Sequence[Bucket], levels: Sequence[Level], now: datetime) -> None:
        if self._shares:
            self._shares.learn(buckets, levels, now)

    async def _take_alone(self, buckets: Sequence[Bucket], now: datetime) -> Sequence[Level]:
        """Take the tokens in this process, while Redis is down."""
        if self._shares and (levels := self._shares.grant(buckets, now, alone=True)):
            return levels
        return await self._local.take(buckets, now)


async def admit_address(request: Request, policy: Policy) -> None:
    """Take a token of the client's address for a request that has just arrived; see `RateLimiter.admit`."""
    request.scope[_POLICY_OF_REQUEST] = policy
    if limiter := _limiter_of(request):
        await limiter.admit(request, policy, address=limiter.address_of(request))


async def admit_caller(request: Request, uid: str) -> None:
    """Take a token of the user, and of the device, once the caller is known; see `RateLimiter.admit`."""
    if limiter := _limiter_of(request):
        device = field(request.scope, b"x-device-id")
        named = device if _DEVICE.fullmatch(device) else ""
        await limiter.admit(request, request.scope[_POLICY_OF_REQUEST], user=uid, device=named)


async def entity_limit(request: Request) -> Admit:
    """Return what takes from the limit of an entity, by the policy of the route."""

    async def admit(entity: str) -> None:
        if limiter := _limiter_of(request):
            await limiter.admit(request, request.scope[_POLICY_OF_REQUEST], entity=entity)

    return admit


def _limiter_of(request: Request) -> RateLimiter | None:
    """Return the rate limiter of the function, if it has one."""
    opened = getattr(request.app.state, "rate_limiter", None)
    limiter: RateLimiter | None = opened() if opened is not None else None
    return limiter


def reply_fields(scope: Scope) -> Fields:
    """Return what the answer says of the bucket that was closest to its limit."""
    closest: Described | None = scope.get(_CLOSEST)
    return fields_of(closest) if closest else []


def _describe(scope: Scope, found: Described) -> None:
    """Let the answer describe this bucket, unless an earlier one is closer to its limit."""
    before: Described | None = scope.get(_CLOSEST)
    if before is None or found.closeness() < before.closeness():
        scope[_CLOSEST] = found


@lru_cache(MAX_COPIES)
def _bucket(policy: Policy, kind: str, value: str, scale: float) -> Bucket:
    """Return a bucket; its key is a hash, because addresses and devices are personal data."""
    rate: Rate = getattr(policy, kind)
    subject = hashlib.sha256(f"{kind}:{value}".encode()).hexdigest()[:32]
    return Bucket(f"rate:{{{subject}}}:{policy.name}", max(1, round(rate.quota * scale)), rate.window)
