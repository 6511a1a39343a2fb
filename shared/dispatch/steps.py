"""Taking up many things in one run of a job: one that fails stops no other."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Iterable

from shared.kernel.errors import DomainError

AT_ONCE = 10

log = logging.getLogger(__name__)


async def each(steps: Iterable[Awaitable[object]]) -> int:
    """Run all steps, a few at once; return how many were refused or could not be done.

    A `ValueError` is a stored document that cannot be read: somebody has to look at it.
    """
    semaphore = asyncio.Semaphore(AT_ONCE)

    async def step(work: Awaitable[object]) -> int:
        async with semaphore:
            try:
                await work
            except DomainError as error:
                log.warning("sweep_step_failed", extra={"code": error.code})
                return 1
            except ValueError as error:
                log.error("sweep_step_failed", exc_info=error, extra={"error": type(error).__name__})
                return 1
            return 0

    return sum(await asyncio.gather(*(step(work) for work in steps)))
