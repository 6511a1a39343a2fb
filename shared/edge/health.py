"""Health checks of every function: `GET /health` and `GET /health/ready`, without authentication.

`/health` shows that the process runs and checks no dependency; start-up and liveness probes use it.
`/health/ready` checks all dependencies concurrently and reports each: 503 when a required dependency fails,
else 200. A report is cached for `CACHE_S`, so that frequent probes do not load the dependencies.

The gateway routes by the public prefixes of the functions, and `/health` is none of them: probes use the
own address of a function (its port locally, its service URL in production).
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

LIVE, READY = "/health", "/health/ready"
TIMEOUT_S = 1.0
"""The time in seconds within which a dependency must answer."""

CACHE_S = 1.5

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Dependency:
    """A dependency of a function.

    `check` returns when the dependency answers and raises any error when it does not. Without a dependency
    that is not `needed`, the function works with limits.
    """

    check: Callable[[], Awaitable[object]]
    needed: bool = True


Dependencies = Mapping[str, Dependency]


@dataclass(frozen=True, slots=True)
class DependencyStatus:
    """The result of one check."""

    state: str
    latency_ms: float
    needed: bool


@dataclass(frozen=True, slots=True)
class Report:
    """The readiness of a function: `ready`, `degraded` (only optional dependencies fail) or `failed`."""

    status: str
    dependencies: Mapping[str, DependencyStatus]


class Readiness:
    """Checks the dependencies of a function, and caches the report."""

    def __init__(
        self, dependencies: Callable[[], Dependencies], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._dependencies = dependencies
        self._clock = clock
        self._checking = asyncio.Lock()
        self._last: tuple[float, Report] | None = None

    async def report(self) -> Report:
        """Return a report that is at most `CACHE_S` old; concurrent callers wait for the same one."""
        async with self._checking:
            if self._last is None or self._clock() - self._last[0] >= CACHE_S:
                report = await self._check_all()
                self._last = (self._clock(), report)
            return self._last[1]

    async def _check_all(self) -> Report:
        dependencies = self._dependencies()
        found = await asyncio.gather(
            *(self._check(name, dependency) for name, dependency in dependencies.items())
        )
        failed = [one for one in found if one.state != "ok"]
        status = "failed" if any(one.needed for one in failed) else "degraded" if failed else "ready"
        return Report(status, dict(zip(dependencies, found, strict=True)))

    async def _check(self, name: str, dependency: Dependency) -> DependencyStatus:
        """Return the status of one dependency; the reason of a failure goes to the log only."""
        started, state = self._clock(), "ok"
        try:
            async with asyncio.timeout(TIMEOUT_S):
                await dependency.check()
        except Exception as error:
            state = "failed"
            log.warning("dependency_failed", extra={"dependency": name, "error": type(error).__name__})
        return DependencyStatus(state, round((self._clock() - started) * 1000, 1), dependency.needed)


def health_routes(dependencies: Callable[[], Dependencies] | None) -> list[Route]:
    """Return the two routes; a function without dependencies is ready as soon as it runs."""
    readiness = Readiness(dependencies or dict)

    async def live(_: Request) -> Response:
        return _answer({"status": "ok"}, 200)

    async def ready(_: Request) -> Response:
        report = await readiness.report()
        return _answer(asdict(report), 503 if report.status == "failed" else 200)

    return [Route(LIVE, live), Route(READY, ready)]


def _answer(content: dict[str, Any], status: int) -> Response:
    return JSONResponse(content, status, headers={"Cache-Control": "no-store"})
