"""Rate limits: which requests are refused, and what the answers say."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request
from starlette.requests import Request as BareRequest
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from shared.edge import app as edge
from shared.edge import ratelimit
from shared.edge.auth import ActiveUser
from shared.edge.bare import create_bare_app
from shared.edge.callers import active_user
from shared.edge.client_address import client_address
from shared.edge.context import MAX_BODY
from shared.edge.local_buckets import LocalBuckets
from shared.edge.provided import EntityLimit
from shared.edge.ratelimit import (
    RETRY_REDIS_AFTER,
    Policy,
    Rate,
    RateLimiter,
    limited,
)
from shared.edge.settings import Settings
from shared.edge.shares import Shares
from shared.kernel.access import AccountStatus
from shared.kernel.actor import Principal
from shared.kernel.errors import NotFound, Unauthenticated, Unavailable
from shared.kernel.rates import Bucket, Level
from tests.fakes.rates import MemoryBuckets
from tests.fakes.runtime import FakeRuntime

pytestmark = pytest.mark.mission("A9")

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
STRICT = Policy(name="strict", user=Rate(3), device=Rate(5), address=Rate(8))
MONEY = Policy(
    name="money",
    user=Rate(9),
    device=Rate(9),
    address=Rate(20),
    entity=Rate(2),
    closed=True,
)

LIMITER_OF = ratelimit._limiter_of


class Tokens:
    """Takes a person's name for their token; counts how often it is asked."""

    verified = 0

    async def verify(self, token: str) -> Principal:
        Tokens.verified += 1
        if token == "forged":
            raise Unauthenticated
        return Principal(token)


class Roles:
    """The accounts are open, but for that of `closed`; all sign-ins of `ended` have ended."""

    async def account_status(self, uid: str, session_id: str = "") -> AccountStatus:
        return AccountStatus(disabled=uid == "closed", tokens_valid_after=NOW if uid == "ended" else None)


class FrailBuckets(LocalBuckets):
    """Buckets of a Redis that can be down."""

    def __init__(self) -> None:
        super().__init__()
        self.down = False
        self.asked = 0

    async def take(self, buckets: Sequence[Bucket], now: datetime) -> Sequence[Level]:
        self.asked += 1
        if self.down:
            raise Unavailable
        return await super().take(buckets, now)


class World:
    """A function with a few routes, its clock and its Redis."""

    def __init__(self, **settings: Any) -> None:
        self.now = NOW
        self.redis = FrailBuckets()
        own = Settings(google_cloud_project="demo-waybill", **settings)
        self.rate_limiter = RateLimiter(self.redis, own, clock=lambda: self.now)
        self.app = _app(lambda: self.rate_limiter, own)

    def share(self) -> MemoryBuckets:
        """Let the process have shares of a Redis, which is returned."""
        redis, own = MemoryBuckets(), Settings(google_cloud_project="demo-waybill")
        shares = Shares(redis, lambda: self.now, settled_after_s=3_600)
        self.rate_limiter = RateLimiter(redis, own, clock=lambda: self.now, shares=shares)
        return redis

    async def call(
        self, path: str = "/strict", uid: str = "asha", body: Any = None, **headers: str
    ) -> httpx.Response:
        """Send one request; headers by their names with underscores."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if uid:
            sent["Authorization"] = f"Bearer {uid}"
        transport = httpx.ASGITransport(self.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://waybill", timeout=5) as http:
            method = "GET" if body is None else "POST"
            return await http.request(method, path, headers=sent, json=body)

    async def statuses(self, times: int, path: str = "/strict", **call: Any) -> list[int]:
        """Return the statuses of `count` consecutive requests."""
        return [(await self.call(path, **call)).status_code for _ in range(times)]


def _app(rate_limiter: Any, settings: Settings) -> FastAPI:
    router = edge.api_router()

    @router.get("/strict")
    @limited(STRICT)
    async def strict(user: ActiveUser) -> dict[str, str]:
        return {"uid": user.uid}

    @router.get("/plain")
    async def plain(user: ActiveUser) -> dict[str, str]:
        return {"uid": user.uid}

    @router.post("/money")
    @limited(MONEY)
    async def money(body: dict[str, Any], user: ActiveUser, limit: EntityLimit) -> dict[str, str]:
        if user.uid == "stranger":
            raise NotFound
        await limit(str(body.get("order_id")))
        return {"uid": user.uid}

    return edge.create_app(
        "small_api",
        runtime=FakeRuntime(),
        routers=[router],
        settings=lambda: settings,
        tokens=Tokens,
        roles=Roles,
        rate_limiter=rate_limiter,
    )


@pytest.fixture(autouse=True)
def _limits(_no_rate_limits: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ratelimit, "_limiter_of", LIMITER_OF)


@pytest.fixture
def world() -> World:
    return World()


async def test_beyond_the_quota_the_answer_is_429_with_retry_after(world: World) -> None:
    assert await world.statuses(3) == [200, 200, 200]
    refused = await world.call()

    assert (refused.status_code, refused.json()["code"]) == (429, "RATE_LIMITED")
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.headers["Retry-After"] == "20"
    assert refused.headers["RateLimit-Policy"] == '"strict-user";q=3;w=60'
    assert refused.headers["RateLimit"] == '"strict-user";r=0;t=60'

    world.now += timedelta(seconds=20)
    assert await world.statuses(2) == [200, 429]


async def test_every_answer_describes_the_closest_limit(world: World) -> None:
    answer = await world.call()
    assert answer.headers["RateLimit-Policy"] == '"strict-user";q=3;w=60'
    assert answer.headers["RateLimit"] == '"strict-user";r=2;t=20'


async def test_an_error_of_the_route_describes_it_too(world: World) -> None:
    answer = await world.call("/plain", uid="forged")
    assert answer.status_code == 401
    assert answer.headers["RateLimit-Policy"] == '"default-address";q=3000;w=60'


async def test_changing_the_device_and_the_address_evades_no_limit_of_the_user(world: World) -> None:
    statuses = [
        (
            await world.call(x_device_id=f"device-{n}", x_forwarded_for=f"198.51.100.{n}, 34.120.0.1")
        ).status_code
        for n in range(6)
    ]
    assert statuses == [200, 200, 200, 429, 429, 429]


async def test_changing_the_user_evades_no_limit_of_the_device(world: World) -> None:
    statuses = [(await world.call(uid=f"user-{n}", x_device_id="phone")).status_code for n in range(6)]
    assert statuses == [200] * 5 + [429]


async def test_changing_user_and_device_evades_no_limit_of_the_address(world: World) -> None:
    calls = [await world.call(uid=f"user-{n}", x_device_id=f"device-{n}") for n in range(9)]
    assert [call.status_code for call in calls] == [200] * 8 + [429]


async def test_a_forged_x_forwarded_for_gives_no_new_address(world: World) -> None:
    calls = [
        await world.call(uid=f"user-{n}", x_forwarded_for=f"10.0.0.{n}, 203.0.113.7, 34.120.0.1")
        for n in range(9)
    ]
    assert [call.status_code for call in calls] == [200] * 8 + [429]


async def test_forged_tokens_count_for_the_address_and_for_no_user(world: World) -> None:
    assert await world.statuses(9, uid="forged", x_forwarded_for="203.0.113.7, 34.120.0.1") == [401] * 8 + [
        429
    ]
    assert await world.statuses(3, x_forwarded_for="203.0.113.8, 34.120.0.1") == [200] * 3


async def test_a_request_that_the_user_has_no_token_for_takes_none_of_the_device(world: World) -> None:
    assert await world.statuses(5, x_device_id="tablet") == [200] * 3 + [429] * 2
    assert await world.statuses(2, uid="ravi", x_device_id="tablet") == [200] * 2


async def test_a_malformed_device_header_is_ignored(world: World) -> None:
    answers = [await world.call(uid=f"user-{n}", x_device_id="x" * 129) for n in range(7)]
    assert {answer.status_code for answer in answers} == {200}


async def test_an_entity_is_limited_for_all_its_callers_together(world: World) -> None:
    body = {"order_id": "ord_1"}
    calls = [(await world.call("/money", uid=f"user-{n}", body=body)).status_code for n in range(3)]
    assert calls == [200, 200, 429]
    assert (await world.call("/money", body={"order_id": "ord_2"})).status_code == 200


async def test_the_answer_describes_the_limit_of_the_entity_when_it_is_the_closest(world: World) -> None:
    answer = await world.call("/money", body={"order_id": "ord_1"})
    assert answer.headers.get_list("RateLimit-Policy") == ['"money-entity";q=2;w=60']
    assert answer.headers.get_list("RateLimit") == ['"money-entity";r=1;t=30']


@pytest.mark.parametrize("uid", ["", "forged", "ended", "closed", "stranger"])
async def test_fault_07_who_has_no_right_to_an_order_does_not_use_up_its_limit(
    world: World, uid: str
) -> None:
    body = {"order_id": "ord_1"}
    refused = await world.statuses(9, "/money", uid=uid, body=body, x_forwarded_for="203.0.113.7, 34.120.0.1")
    assert set(refused) <= {401, 403, 404}
    assert await world.statuses(2, "/money", uid="asha", body=body) == [200, 200]


@pytest.mark.parametrize("uid", ["ended", "closed"])
async def test_fault_07_a_token_that_has_ended_does_not_use_up_the_limits_of_its_user(
    world: World, uid: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    device = {"x_device_id": "phone", "x_forwarded_for": "203.0.113.7, 34.120.0.1"}
    assert set(await world.statuses(8, uid=uid, **device)) <= {401, 403}

    async def fine(_: Roles, uid: str, session_id: str = "") -> AccountStatus:
        return AccountStatus()

    monkeypatch.setattr(Roles, "account_status", fine)  # they sign in again
    assert await world.statuses(3, uid=uid, x_device_id="phone") == [200, 200, 200]


async def test_fault_07_a_request_without_a_token_uses_up_no_limit_of_the_device_that_it_names(
    world: World,
) -> None:
    assert (
        await world.statuses(8, uid="", x_device_id="phone", x_forwarded_for="203.0.113.7, 34.120.0.1")
        == [401] * 8
    )
    assert (await world.call(x_device_id="phone")).status_code == 200


@pytest.mark.parametrize(
    ("content_type", "body", "status"),
    [
        ("application/json", b"{", 400),
        ("text/plain", b"{}", 415),
        ("application/json", b" " * (MAX_BODY + 1), 413),
    ],
)
async def test_a_body_that_cannot_be_read_counts_for_the_address(
    world: World, content_type: str, body: bytes, status: int
) -> None:
    sent = {"Authorization": "Bearer asha", "Content-Type": content_type}
    transport = httpx.ASGITransport(world.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://waybill", timeout=5) as http:
        calls = [await http.post("/money", headers=sent, content=body) for _ in range(21)]
    assert [call.status_code for call in calls] == [status] * 20 + [429]


async def test_a_token_is_verified_once_for_rate_limiter_and_route(world: World) -> None:
    Tokens.verified = 0
    await world.call()
    assert Tokens.verified == 1


async def test_without_redis_money_routes_are_unavailable_and_others_count_per_process(world: World) -> None:
    world.redis.down = True
    money = await world.call("/money", body={"order_id": "ord_1"})

    assert (money.status_code, money.json()["code"]) == (503, "RATE_LIMITS_UNAVAILABLE")
    assert money.headers["Retry-After"] == "2"
    assert await world.statuses(5) == [200, 200, 200, 429, 429]


async def test_a_failed_redis_is_asked_again_after_a_while(world: World) -> None:
    world.redis.down = True
    await world.statuses(5, "/plain")
    assert world.redis.asked == 1

    world.redis.down = False
    world.now += RETRY_REDIS_AFTER
    assert (await world.call("/money", body={"order_id": "ord_1"})).status_code == 200
    assert world.redis.asked == 4  # the address, the user, the order


async def test_with_shares_a_process_admits_by_itself_and_money_still_asks_redis() -> None:
    world = World()
    redis = world.share()
    assert await world.statuses(5, "/plain") == [200] * 5
    assert redis.asked == 0
    assert (await world.call("/money", body={"order_id": "ord_1"})).status_code == 200
    assert redis.asked == 3  # the address, the user, the order


async def test_with_shares_money_is_unavailable_and_others_are_limited_while_redis_is_down() -> None:
    world = World()
    world.share().down = True
    money = await world.call("/money", body={"order_id": "ord_1"})
    assert (money.status_code, money.json()["code"]) == (503, "RATE_LIMITS_UNAVAILABLE")
    assert await world.statuses(5) == [200, 200, 200, 429, 429]


async def test_with_shares_the_answer_describes_the_limit_as_before() -> None:
    world = World()
    world.share()
    answers = [await world.call() for _ in range(4)]
    assert [answer.headers["RateLimit"] for answer in answers] == [
        '"strict-user";r=2;t=20',
        '"strict-user";r=1;t=40',
        '"strict-user";r=0;t=60',
        '"strict-user";r=0;t=60',
    ]
    assert answers[-1].headers["Retry-After"] == "20"


async def test_health_has_no_limit(world: World) -> None:
    assert await world.statuses(10, "/health") == [200] * 10
    assert world.redis.asked == 0


async def test_the_settings_scale_limits_and_turn_them_off() -> None:
    assert await World(rate_limit_scale=2).statuses(7) == [200] * 6 + [429]
    assert await World(rate_limit_scale=0.01).statuses(2) == [200, 429]
    off = World(rate_limit_scale=0)
    assert await off.statuses(20) == [200] * 20
    assert "RateLimit" not in (await off.call()).headers


async def test_a_bare_app_has_the_same_rate_limiter(world: World) -> None:
    @limited(STRICT)
    async def report(request: BareRequest) -> Response:
        await active_user(request)
        return JSONResponse({})

    route = Route("/strict", report, methods=["GET"])
    world.app = create_bare_app(  # type: ignore[assignment]
        "bare",
        runtime=FakeRuntime(),
        routes=[route],
        settings=lambda: Settings(google_cloud_project="demo-waybill"),
        tokens=Tokens,
        roles=Roles,
        rate_limiter=lambda: world.rate_limiter,
    )
    assert await world.statuses(4) == [200, 200, 200, 429]


@pytest.mark.parametrize(
    ("forwarded", "proxies", "address"),
    [
        ([], 1, "192.0.2.1"),
        (["203.0.113.7"], 1, "203.0.113.7"),
        (["10.9.8.7, 203.0.113.7"], 1, "203.0.113.7"),
        (["10.9.8.7", "203.0.113.7"], 1, "203.0.113.7"),
        (["10.9.8.7, 203.0.113.7, 35.191.0.1"], 2, "203.0.113.7"),
        (["203.0.113.7"], 2, "192.0.2.1"),
        (["203.0.113.7"], 0, "192.0.2.1"),
        (["2001:db8:1:2:3:4:5:6"], 1, "2001:db8:1:2::"),
        (["::ffff:203.0.113.7"], 1, "203.0.113.7"),
        (["<script>"], 1, "unknown"),
        ([""], 1, "unknown"),
    ],
)
def test_the_address_of_the_client_is_the_one_that_our_proxies_report(
    forwarded: list[str], proxies: int, address: str
) -> None:
    headers = [(b"x-forwarded-for", line.encode()) for line in forwarded]
    scope = {"type": "http", "headers": headers, "client": ("192.0.2.1", 4711)}
    assert client_address(Request(scope), proxies) == address
