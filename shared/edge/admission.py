"""What every request passes before its route: rate limit, check of the invoker, parsing of the body."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.requests import Request

from shared.edge.bodies import StrictRequest
from shared.edge.ratelimit import Policy, admit_address

Guard = Callable[[Request], Awaitable[None]]
"""Lets in whom a private function admits; raises otherwise."""


async def admitted(request: Request, policy: Policy) -> StrictRequest:
    """Return the request after guard and rate limiter admitted it; its body, if it has one, is parsed."""
    strict = StrictRequest(request.scope, request.receive)
    await admit_address(strict, policy)
    guard: Guard | None = getattr(request.app.state, "guard", None)
    if guard is not None:
        await guard(strict)
    if await strict.body():
        await strict.json()
    return strict
