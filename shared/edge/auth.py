"""Who calls: the signed-in person as a dependency of a route, and what a route demands of them."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from shared.kernel.access import AccountStatus, demand_recent_mfa, demand_session
from shared.kernel.actor import Operator, Principal, Role
from shared.kernel.errors import Forbidden, Unauthenticated

_PRINCIPAL = "waybill.principal"


class TokenMissing(Unauthenticated):
    """Sign in: send `Authorization: Bearer <Firebase ID token>`."""

    code = "TOKEN_MISSING"
    detail = "Sign in: send `Authorization: Bearer <Firebase ID token>`."


class EmailNotVerified(Forbidden):
    """Verify your e-mail address first."""

    code = "EMAIL_NOT_VERIFIED"
    detail = "Verify your e-mail address first."


class PhoneNotVerified(Forbidden):
    """Verify your phone number first."""

    code = "PHONE_NOT_VERIFIED"
    detail = "Verify your phone number first."


class EmailAndPhoneNotVerified(Forbidden):
    """Verify your e-mail address and your phone number first."""

    code = "EMAIL_AND_PHONE_NOT_VERIFIED"
    detail = "Verify your e-mail address and your phone number first."


class RoleMissing(Forbidden):
    """This needs a role that you do not have."""

    code = "ROLE_MISSING"
    detail = "This needs a role that you do not have."


async def authenticate(request: Request) -> Principal:
    """Return whom the request's bearer token names; it is verified once, however many ask.

    Raises `TokenMissing`, or what the token verifier raises.
    """
    known: Principal | None = request.scope.get(_PRINCIPAL)
    if known is not None:
        return known
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise TokenMissing
    principal: Principal = await request.app.state.tokens().verify(token.strip())
    request.scope[_PRINCIPAL] = principal
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


async def _standing(request: Request, principal: Principal, session_id: str = "") -> AccountStatus:
    """Return how the person stands now, read anew: a sign-in that was ended is refused at once."""
    standing: AccountStatus = await request.app.state.roles().standing(principal.uid, session_id)
    demand_session(standing, principal)
    return standing


async def _current(request: Request, principal: Annotated[Principal, Depends(authenticate)]) -> Principal:
    await _standing(request, principal)
    return principal


async def _trusted(request: Request, principal: Annotated[Principal, Depends(_verified)]) -> Principal:
    await _standing(request, principal)
    return principal


async def _stepped_up(request: Request, principal: Annotated[Principal, Depends(_verified)]) -> Principal:
    demand_recent_mfa(
        await _standing(request, principal, principal.session_id), request.app.state.runtime.clock()
    )
    return principal


async def _operator(request: Request, principal: Principal, *roles: Role) -> Operator:
    """The role is asked first: who is no operator need not be told to enrol a second factor."""
    standing = await _standing(request, principal, principal.session_id)
    if not standing.roles & {*roles}:
        raise RoleMissing
    demand_recent_mfa(standing, request.app.state.runtime.clock())
    return Operator(principal.uid, standing.roles)


async def _admin(request: Request, principal: Annotated[Principal, Depends(_verified)]) -> Operator:
    return await _operator(request, principal, Role.ADMIN)


async def _support(request: Request, principal: Annotated[Principal, Depends(_verified)]) -> Operator:
    return await _operator(request, principal, Role.ADMIN, Role.SUPPORT)


SignedIn = Annotated[Principal, Depends(authenticate)]
"""Anyone with a valid token."""

Verified = Annotated[Principal, Depends(_verified)]
"""Someone whose e-mail and phone are both verified."""

Current = Annotated[Principal, Depends(_current)]
"""Someone whose account is open and whose sign-in has not been ended: for what guards the account itself,
and for where its owner lives and is reached."""

Trusted = Annotated[Principal, Depends(_trusted)]
"""Someone verified whose account is open and whose sign-in has not been ended: for money and medicine."""

SteppedUp = Annotated[Principal, Depends(_stepped_up)]
"""Someone trusted who showed their second factor in the last minutes: for payouts and emergencies."""

Admin = Annotated[Operator, Depends(_admin)]
"""Someone stepped up whom the role book grants `admin` at this moment."""

Support = Annotated[Operator, Depends(_support)]
"""Someone stepped up whom the role book grants `support` or `admin` at this moment."""
