"""Who calls: the signed-in person as a dependency of a route, and what a route demands of them."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from shared.accounts.domain import Principal
from shared.kernel.actor import Role
from shared.kernel.errors import Forbidden, Unauthenticated


class TokenMissing(Unauthenticated):
    """Sign in: send `Authorization: Bearer <Firebase ID token>`."""


class EmailNotVerified(Forbidden):
    """Verify your e-mail address first."""


class PhoneNotVerified(Forbidden):
    """Verify your phone number first."""


class EmailAndPhoneNotVerified(Forbidden):
    """Verify your e-mail address and your phone number first."""


class RoleMissing(Forbidden):
    """This needs a role that you do not have."""


async def authenticate(request: Request) -> Principal:
    """Return whom the request's bearer token names.

    Raises `TokenMissing`, or what the token verifier raises.
    """
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise TokenMissing
    principal: Principal = await request.app.state.tokens().verify(token.strip())
    return principal


def demand_verified(principal: Principal) -> Principal:
    """Return the person if e-mail and phone are verified; the refusal names what is missing."""
    if not principal.email_verified and not principal.phone:
        raise EmailAndPhoneNotVerified
    if not principal.email_verified:
        raise EmailNotVerified
    if not principal.phone:
        raise PhoneNotVerified
    return principal


async def _verified(principal: Annotated[Principal, Depends(authenticate)]) -> Principal:
    return demand_verified(principal)


async def _admin(request: Request, principal: Annotated[Principal, Depends(_verified)]) -> Principal:
    if Role.ADMIN not in await request.app.state.roles().roles_of(principal.uid):
        raise RoleMissing
    return principal


SignedIn = Annotated[Principal, Depends(authenticate)]
"""Anyone with a valid token."""

Verified = Annotated[Principal, Depends(_verified)]
"""Someone whose e-mail and phone are both verified."""

Admin = Annotated[Principal, Depends(_admin)]
"""Someone whom the role book grants `admin` at this moment."""
