"""What every request passes before its route: rate limit, invoker, query parameters, parsing of the body."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping

from starlette.requests import Request

from shared.edge.bodies import StrictRequest
from shared.edge.ratelimit import Policy, admit_address
from shared.kernel.errors import FieldError, Invalid

Guard = Callable[[Request], Awaitable[None]]
"""Admits the callers of a private function; raises otherwise."""


API = "/api/"
"""What apps and their users call."""

MAX_NAMED = 20
"""How many unknown parameters an error names."""


class UnknownParameters(Invalid):
    """The query has parameters that the operation does not have."""

    code = "INVALID_REQUEST"
    detail = "The request has fields that are missing, unknown or out of bounds."


Parameters = Mapping[str, bool]
"""The query parameters of an operation, and whether each may be given more than once."""


def check_query(request: Request, known: Parameters) -> None:
    """Raise `UnknownParameters`, which names them, where the query is not made of the known parameters.

    A filter that is misspelt must not answer with everything, nor one that is given twice with half of it.
    """
    if not request.scope["query_string"]:
        return
    given = Counter(name for name, _ in request.query_params.multi_items())
    wrong = {name: "Unknown parameter" for name in given if name not in known}
    wrong |= {
        name: "Given more than once"
        for name, times in given.items()
        if times > 1 and known.get(name) is False
    }
    if wrong:
        named = sorted(wrong.items())[:MAX_NAMED]
        raise UnknownParameters(errors=tuple(FieldError(f"/query/{name}", why) for name, why in named))


async def admitted(request: Request, policy: Policy, known: Parameters | None = None) -> StrictRequest:
    """Return the request after guard and rate limiter admitted it; its body, if it has one, is parsed.

    Where the `known` parameters are given, the query has no others.
    """
    strict = StrictRequest(request.scope, request.receive)
    await admit_address(strict, policy)
    guard: Guard | None = getattr(request.app.state, "guard", None)
    if guard is not None:
        await guard(strict)
    if known is not None:
        check_query(strict, known)
    if await strict.body():
        await strict.json()
    return strict
