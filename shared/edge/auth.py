"""Authentication: the caller as a dependency of a route, and the levels that a route can require.

Each level reads the account's status, so that a closed account and an ended sign-in do and read nothing. No
level takes a valid token alone.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from shared.edge.callers import account_status, authenticate, open_account
from shared.edge.refusals import refuses
from shared.kernel.access import (
    SecondFactorNotEnrolled,
    SecondFactorRequired,
    demand_recent_mfa,
)
from shared.kernel.actor import Operator, Principal, Role
from shared.kernel.errors import Forbidden


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


def demand_verified(principal: Principal) -> Principal:
    """Return the user if e-mail and phone are verified; the error names what is missing."""
    if not principal.email_verified and not principal.phone:
        raise EmailAndPhoneNotVerified
    if not principal.email_verified:
        raise EmailNotVerified
    if not principal.phone:
        raise PhoneNotVerified
    return principal


@refuses(EmailNotVerified, PhoneNotVerified, EmailAndPhoneNotVerified)
async def _verified_user(principal: Annotated[Principal, Depends(authenticate)]) -> Principal:
    return demand_verified(principal)


async def _active_user(request: Request, principal: Annotated[Principal, Depends(authenticate)]) -> Principal:
    return await open_account(request, principal)


async def _active_verified_user(
    request: Request, principal: Annotated[Principal, Depends(_verified_user)]
) -> Principal:
    return await open_account(request, principal)


async def active_verified_user(request: Request) -> Principal:
    """Return the user of a direct handler, whose e-mail address and phone number are verified as well."""
    return await open_account(request, demand_verified(await authenticate(request)))


@refuses(SecondFactorNotEnrolled, SecondFactorRequired)
async def _recent_mfa_user(
    request: Request, principal: Annotated[Principal, Depends(_verified_user)]
) -> Principal:
    demand_recent_mfa(
        await account_status(request, principal, principal.session_id), request.app.state.runtime.clock()
    )
    return principal


async def _operator(request: Request, principal: Principal, *roles: Role) -> Operator:
    """Check the role first: a user who is no operator gets no request for a second factor."""
    status = await account_status(request, principal, principal.session_id)
    if not status.roles & {*roles}:
        raise RoleMissing
    demand_recent_mfa(status, request.app.state.runtime.clock())  # mutant: no-second-factor
    return Operator(principal.uid, status.roles)


@refuses(RoleMissing, SecondFactorNotEnrolled, SecondFactorRequired)
async def _admin(request: Request, principal: Annotated[Principal, Depends(_verified_user)]) -> Operator:
    return await _operator(request, principal, Role.ADMIN)


@refuses(RoleMissing, SecondFactorNotEnrolled, SecondFactorRequired)
async def _support(request: Request, principal: Annotated[Principal, Depends(_verified_user)]) -> Operator:
    return await _operator(request, principal, Role.ADMIN, Role.SUPPORT)


ActiveUser = Annotated[Principal, Depends(_active_user)]
"""A signed-in user whose account is open and whose sign-in has not been ended: the least of all."""

ActiveVerifiedUser = Annotated[Principal, Depends(_active_verified_user)]
"""An active user whose e-mail address and phone number are both verified: for whatever others rely on."""

RecentMfaUser = Annotated[Principal, Depends(_recent_mfa_user)]
"""An active, verified user who showed a second factor in the last minutes: for payouts and emergencies."""

Admin = Annotated[Operator, Depends(_admin)]
"""A user with a recent second factor who holds the role `admin` at this moment."""

Support = Annotated[Operator, Depends(_support)]
"""A user with a recent second factor who holds the role `support` or `admin` at this moment."""
