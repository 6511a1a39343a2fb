"""How an end-to-end test reads the answers of the public API."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx

from emulators.client.api import body_of
from tests.patience import HANG_SECONDS


def ok(answer: httpx.Response) -> dict[str, Any]:
    """Return the body of an answer that must be a success."""
    return body_of(answer)


def refused(answer: httpx.Response, status: int, code: str | None = None) -> dict[str, Any]:
    """Return the problem of an answer that must be this refusal."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    problem: dict[str, Any] = answer.json()
    assert (answer.status_code, problem["code"]) == (status, code or problem["code"]), answer.text
    assert problem["request_id"] == answer.headers["X-Request-Id"]
    return problem


async def eventually(
    check: Callable[[], Awaitable[Any]], within: float = HANG_SECONDS, every: float = 0.05
) -> Any:
    """Return the first true result of `check`, asked again and again; TimeoutError when there is none.

    Both times in seconds; what is costly to ask is asked less often.
    """
    async with asyncio.timeout(within):
        while not (result := await check()):  # noqa: ASYNC110 - it happens in other processes
            await asyncio.sleep(every)
        return result
