"""ingest: drivers report where they are, through `tracking_api` and into a real Redis."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from itertools import cycle, repeat

from shared.adapters.redis_client import connect
from shared.adapters.redis_positions import RedisPositions
from shared.adapters.redis_statuses import RedisStatusCache
from shared.dispatch.drivers import DriverStatus
from shared.kernel.access import AccountStatus
from shared.tracking.domain import DriverAvailability
from tests.bench.firestore import Watched, watched_firestore
from tests.bench.load import request
from tests.bench.loaded import Contender, cpu_us, in_turn_under_load, per_cpu_second
from tests.bench.report import Figure, Goal, Report, compared
from tests.bench.run import Run
from tests.bench.server import own_redis, serving
from tests.bench.signer import Signer, key_service

NAME = "ingest"
DRIVERS = 200
PATH = "/api/v1/driver/location"
OLDEST = timedelta(hours=23)
"""How far back the first fix lies: each is a second after the last, and none lies in the future."""

GOAL = Goal(0.35, at_least=True)
NO_FIRESTORE = Goal(0, at_least=False)


def measure(run: Run) -> Report:
    """Compare batches of 10 points and of 1 with the plainest function; count Firestore connections."""
    signer = Signer()
    with ExitStack() as stack:
        redis_url = stack.enter_context(own_redis(run.scratch))
        firestore = stack.enter_context(watched_firestore())
        asyncio.run(_introduce(redis_url))
        environment = {
            "JWKS_URL": stack.enter_context(key_service(signer)),
            "REDIS_URL": redis_url,
            "FIRESTORE_EMULATOR_HOST": firestore.address,
        }
        tracking = stack.enter_context(serving("tracking", run.scratch / "tracking.log", environment))
        plain = stack.enter_context(serving("ok", run.scratch / "ok.log"))
        clocks = [Clock(datetime.now(UTC) - OLDEST) for _ in range(DRIVERS)]
        tokens = [signer.token(_uid(number)) for number in range(DRIVERS)]
        contenders = {
            "10": Contender(tracking, _reports(tokens, clocks, 10)),
            "1": Contender(tracking, _reports(tokens, clocks, 1)),
            "ok": Contender(plain, repeat(request("GET", "/"))),
        }
        rates = in_turn_under_load(run, NAME, contenders)
    of_cpu = {name: per_cpu_second(contender) for name, contender in contenders.items()}
    return Report(NAME, _figures(rates, of_cpu, firestore), {"cpu_us_per_request": cpu_us(contenders)})


def _figures(
    rates: dict[str, list[float]], of_cpu: dict[str, list[float]], firestore: Watched
) -> Sequence[Figure]:
    ten, one, ok = rates["10"], rates["1"], ("ok", rates["ok"])
    ten_points = [10 * rate for rate in ten]
    return (
        compared("requests with 10 points", "req/s", ten, ok, None),
        compared("the same, by processor time", "req/s", of_cpu["10"], ("ok", of_cpu["ok"]), GOAL),
        compared("requests with 1 point", "req/s", one, ok, None),
        compared("points, 10 a request", "points/s", ten_points, ("1 a request", one), None),
        Figure("Firestore connections", firestore.connections, "in all", goal=NO_FIRESTORE),
    )


class Clock:
    """The time of a phone, a second later at each look."""

    def __init__(self, start: datetime) -> None:
        self._at = start.replace(microsecond=0)

    def next(self) -> bytes:
        """Return the next time."""
        self._at += timedelta(seconds=1)
        return self._at.isoformat().encode()


def _reports(tokens: Sequence[str], clocks: Sequence[Clock], points: int) -> Iterator[bytes]:
    """Yield reports of all drivers in turn, for ever; each moves a few metres a second."""
    templates = [_template(token, points, number) for number, token in enumerate(tokens)]
    for template, clock in cycle(zip(templates, clocks, strict=True)):
        yield template % tuple(clock.next() for _ in range(points))


def _template(token: str, points: int, number: int) -> bytes:
    """Return the bytes of a request with a place for each point's time (25 characters)."""
    fixes = ", ".join(
        f'{{"lat": {12.9 + number * 0.001 + n * 0.00005:.6f}, "lng": 77.594566, "at": "{"T" * 25}",'
        ' "accuracy": 6.5, "speed": 5.5, "heading": 90.0}'
        for n in range(points)
    )
    made = request("POST", PATH, token, f'{{"points": [{fixes}]}}'.encode())
    return made.replace(b"%", b"%%").replace(b"T" * 25, b"%s")


async def _introduce(redis_url: str) -> None:
    """Store the drivers in the index, as going online does."""
    client = connect(redis_url)
    positions, statuses = RedisPositions(client), RedisStatusCache(client, timedelta(hours=1))
    for number in range(DRIVERS):
        await positions.upsert_availability(
            DriverAvailability(_uid(number), DriverStatus.ONLINE, 0, 2, 4.5, 0.8, 1)
        )
        await statuses.put(_uid(number), AccountStatus())
    await client.aclose()


def _uid(number: int) -> str:
    return f"driver-{number:04}"
