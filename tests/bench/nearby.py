"""nearby: the 20 nearest available of 30,000 drivers, by the index that dispatch uses."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from datetime import UTC, datetime
from random import Random
from typing import Any

from shared.adapters.redis_client import CONNECTIONS, connect
from shared.adapters.redis_pipeline import RedisPipeline
from shared.kernel.geo import Point
from tests.bench.crowd import DRIVERS, Crowd, crowd, random_point
from tests.bench.driver_index import BenchDriverIndex
from tests.bench.report import Figure, Goal, Report, compared
from tests.bench.run import Run
from tests.bench.server import own_redis

NAME = "nearby"
WANTED = 20
GOAL = Goal(3, at_least=True)
NONE_DIFFERS = Goal(0, at_least=False)

Search = Callable[[Point, int], Coroutine[Any, Any, list[str]]]


def measure(run: Run) -> Report:
    """Compare its speed with one GEOSEARCH, one search after another, and its answers with brute force."""
    with own_redis(run.scratch) as url, asyncio.Runner() as runner:
        return runner.run(_measure(run, url))


async def _measure(run: Run, url: str) -> Report:
    people, plain, client = crowd(), connect(url), RedisPipeline(url)
    found = BenchDriverIndex(client, plain, datetime.now(UTC))
    with run.progress(f"{NAME}: placing", -(-DRIVERS // CONNECTIONS)) as advance:
        await found.fill(people.drivers, advance)
    searches = {"index": found.nearest, "geosearch": found.geosearch, "lean": found.lean_geosearch}
    rates = await _rates(run, searches)
    queries = 300 if run.quick else 10_000
    different = await _differences(run, people, found, queries)
    await client.aclose()
    await plain.aclose()
    figures = [
        compared("20 nearest available", "/s", rates["index"], ("GEOSEARCH", rates["geosearch"]), GOAL),
        compared("the same", "/s", rates["index"], ("GEOSEARCH by our client", rates["lean"]), None),
        Figure("other than brute force", different, f"of {queries:,}", goal=NONE_DIFFERS),
    ]
    return Report(NAME, figures, {"drivers": DRIVERS, "available": len(people.available)})


async def _rates(run: Run, searches: Mapping[str, Search]) -> dict[str, list[float]]:
    """Return searches per second; all of a round search around the same points."""
    random, batch = Random(2), 40 if run.quick else 100
    rates: dict[str, list[float]] = {name: [] for name in searches}
    with run.progress(NAME, run.rounds * len(searches)) as advance:
        for _ in range(run.rounds):
            points = [random_point(random) for _ in range(batch)]
            for name, search in searches.items():
                rates[name].append(await _rate(search, points))
                advance()
    return rates


async def _rate(search: Search, points: Sequence[Point]) -> float:
    started = time.perf_counter()
    for point in points:
        await search(point, WANTED)
    return len(points) / (time.perf_counter() - started)


async def _differences(run: Run, people: Crowd, found: BenchDriverIndex, queries: int) -> int:
    """Count the seeded queries in which the index and brute force name other drivers, or in other order."""
    random, different = Random(3), 0
    with run.progress(f"{NAME}: brute force", queries) as advance:
        for _ in range(queries):
            point = random_point(random)
            different += await found.nearest(point, WANTED) != people.nearest(point, WANTED)
            advance()
    return different
