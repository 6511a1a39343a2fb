"""Health, alike on every function: `GET /health` and `GET /health/ready`, open to everyone.

`/health` says that the process is up and asks nobody: start-up and liveness probes use it.
`/health/ready` asks everything that the function depends on, all at once and briefly, and tells how each
of them stands: 503 when something fails that the function cannot do without, else 200. An answer
holds for `KEPT_S`, so that whoever asks often asks nobody but this process.

The gateway routes by the public prefixes of the functions, none of which is `/health`: a function's
health is asked at its own address (its port locally, its service URL in production).
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
PATIENCE_S = 1.0
"""How long a dependency may take to answer."""

KEPT_S = 1.5

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Dependency:
    """Something that a function needs of others.

    `ask` returns when it answers and raises, whatever it may be, when it does not. What is not
    `needed` makes the function worse, slower or late, but keeps it from nothing.
    """

    ask: Callable[[], Awaitable[object]]
    needed: bool = True


Dependencies = Mapping[str, Dependency]


@dataclass(frozen=True, slots=True)
class Found:
    """How a dependency stood when it was asked."""

    state: str
    latency_ms: float
    needed: bool


@dataclass(frozen=True, slots=True)
class Report:
    """How a function stands: `ready`, `degraded` (something fails that it can do without) or `failed`."""

    status: str
    dependencies: Mapping[str, Found]


class Readiness:
    """Asks a function's dependencies, and remembers the answer for a moment."""

    def __init__(
        self, dependencies: Callable[[], Dependencies], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._dependencies = dependencies
        self._clock = clock
        self._asking = asyncio.Lock()
        self._last: tuple[float, Report] | None = None

    async def report(self) -> Report:
        """Return the report of now, or of a moment ago; whoever comes meanwhile waits for the same one."""
        async with self._asking:
            if self._last is None or self._clock() - self._last[0] >= KEPT_S:
                report = await self._ask_all()
                self._last = (self._clock(), report)
            return self._last[1]

    async def _ask_all(self) -> Report:
        dependencies = self._dependencies()
        found = await asyncio.gather(*(self._ask(name, asked) for name, asked in dependencies.items()))
        failed = [one for one in found if one.state != "ok"]
        status = "failed" if any(one.needed for one in failed) else "degraded" if failed else "ready"
        return Report(status, dict(zip(dependencies, found, strict=True)))

    async def _ask(self, name: str, dependency: Dependency) -> Found:
        """Return how one dependency stands; the reason of a failure is for the log alone."""
        started, state = self._clock(), "ok"
        try:
            async with asyncio.timeout(PATIENCE_S):
                await dependency.ask()
        except Exception as error:
            state = "failed"
            log.warning("dependency_failed", extra={"dependency": name, "error": type(error).__name__})
        return Found(state, round((self._clock() - started) * 1000, 1), dependency.needed)


def health_routes(dependencies: Callable[[], Dependencies] | None) -> list[Route]:
    """Return the two routes; a function that names no dependencies is ready as soon as it is up."""
    readiness = Readiness(dependencies or dict)

    async def live(_: Request) -> Response:
        return _answer({"status": "ok"}, 200)

    async def ready(_: Request) -> Response:
        report = await readiness.report()
        return _answer(asdict(report), 503 if report.status == "failed" else 200)

    return [Route(LIVE, live), Route(READY, ready)]


def _answer(content: dict[str, Any], status: int) -> Response:
    return JSONResponse(content, status, headers={"Cache-Control": "no-store"})
