"""Send a request until it is answered, as an app with a bad network does."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable

import httpx

RETRYABLE = frozenset({429, 502, 503, 504})
MAX_PAUSE_SECONDS = 4.0


class Unanswered(Exception):
    """The server answered 500, or gave no useful answer within the retry time."""


async def persist(send: Callable[[], Awaitable[httpx.Response]], seconds: float) -> httpx.Response:
    """Return the first answer that is not to be retried, or the last one when the time is over.

    The pauses grow, and no two clients make the same ones. Raises `Unanswered` when none came at all.
    """
    end, pause = time.monotonic() + seconds, 0.2
    while True:
        answer, problem, wait = None, "", pause * random.uniform(0.5, 1.5)
        try:
            answer = await send()
        except httpx.TransportError as error:
            problem = repr(error)
        else:
            if answer.status_code not in RETRYABLE:
                return answer
            wait = _requested_pause(answer, wait)
        if time.monotonic() + wait > end:
            if answer is None:
                raise Unanswered(problem)
            return answer
        await asyncio.sleep(wait)
        pause = min(2 * pause, MAX_PAUSE_SECONDS)


def _requested_pause(answer: httpx.Response, pause: float) -> float:
    try:
        return min(float(answer.headers.get("Retry-After", pause)), MAX_PAUSE_SECONDS)
    except ValueError:  # the header may also be a date
        return pause
