"""The caller of a request: the user that the token names, and whether the account may act."""

from __future__ import annotations

from starlette.requests import Request

from shared.edge.fields import field
from shared.edge.ratelimit import admit_caller
from shared.kernel.access import AccountStatus, demand_session
from shared.kernel.actor import Principal
from shared.kernel.errors import Unauthenticated

_PRINCIPAL = "waybill.principal"


class TokenMissing(Unauthenticated):
    """Sign in: send `Authorization: Bearer <Firebase ID token>`."""

    code = "TOKEN_MISSING"
    detail = "Sign in: send `Authorization: Bearer <Firebase ID token>`."


async def authenticate(request: Request) -> Principal:
    """Return the user that the bearer token names; verify the token once per request.

    Raises `TokenMissing`, or what the token verifier raises.
    """
    known: Principal | None = request.scope.get(_PRINCIPAL)
    if known is not None:
        return known
    scheme, _, token = field(request.scope, b"authorization").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise TokenMissing
    principal: Principal = await request.app.state.tokens().verify(token.strip())
    request.scope[_PRINCIPAL] = principal
    return principal


async def account_status(request: Request, principal: Principal, session_id: str = "") -> AccountStatus:
    """Read the user's current account status; refuse a sign-in that has been ended.

    Only then does the request take from the rate limits of the user: a token that has ended cannot use them
    up.
    """
    status: AccountStatus = await request.app.state.roles().account_status(principal.uid, session_id)
    demand_session(status, principal)
    await admit_caller(request, principal.uid)
    return status


async def open_account(request: Request, principal: Principal) -> Principal:
    """Return the user if the account is open and the sign-in has not been ended."""
    await account_status(request, principal)
    return principal


async def active_user(request: Request) -> Principal:
    """Return the user of a bare route, whose account is open and whose sign-in has not been ended."""
    return await open_account(request, await authenticate(request))
