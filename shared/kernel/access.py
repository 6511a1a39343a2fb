"""The account status of a signed-in person, and what each level of access demands of it.

The status is read from the person's own documents at each sensitive request, so that the end of a session
or the loss of a role holds at once and not when the ID token expires.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.kernel.actor import Principal, Role
from shared.kernel.errors import Forbidden, Unauthenticated


class TokenInvalid(Unauthenticated):
    """The ID token is not valid."""

    code = "TOKEN_INVALID"
    detail = "The ID token is not valid. Sign in again."


class TokenExpired(Unauthenticated):
    """The ID token has expired."""

    code = "TOKEN_EXPIRED"
    detail = "The ID token has expired. Refresh it."


class SessionRevoked(Unauthenticated):
    """This sign-in was ended; sign in again."""

    code = "SESSION_REVOKED"
    detail = "This sign-in was ended; sign in again."


class AccountDisabled(Forbidden):
    """This account is disabled; ask support for the reason."""

    code = "ACCOUNT_DISABLED"
    detail = "This account is disabled; ask support for the reason."


class SecondFactorNotEnrolled(Forbidden):
    """This needs a second factor, and you have none yet: enrol one first."""

    code = "SECOND_FACTOR_NOT_ENROLLED"
    detail = "This needs a second factor, and you have none yet: enrol one first."


class SecondFactorRequired(Forbidden):
    """Verify a code of your second factor first."""

    code = "SECOND_FACTOR_REQUIRED"
    detail = "Verify a code of your second factor first."


class OperatorDemoted(Forbidden):
    """You have just lost the role that this needs."""

    code = "OPERATOR_DEMOTED"
    detail = "You have just lost the role that this needs."


@dataclass(frozen=True, slots=True)
class AccountStatus:
    """What decides whether a signed-in person may do something sensitive, as of now."""

    roles: frozenset[Role] = frozenset()
    tokens_valid_after: datetime | None = None
    """Sign-ins up to this moment have ended."""
    revoked_sessions: tuple[str, ...] = ()
    """Later sessions that were ended one by one."""
    disabled: bool = False
    second_factor: bool = False
    """Whether a second factor is confirmed."""
    recent_mfa_until: datetime | None = None
    """Until when the session in question counts as recently verified by the second factor."""


def demand_session(status: AccountStatus, person: Principal) -> None:
    """Return if the account is open and the sign-in has not been ended.

    A sign-in in the very second of a sign-out counts as before it: tokens carry no fractions of a second.
    Raises `AccountDisabled` or `SessionRevoked`.
    """
    if status.disabled:  # mutant: closed-account
        raise AccountDisabled
    after = status.tokens_valid_after
    # mutant: ended-sign-in, signed-out-everywhere
    if person.session_id in status.revoked_sessions or (after and person.signed_in_at <= after):
        raise SessionRevoked


def demand_recent_mfa(status: AccountStatus, now: datetime) -> None:
    """Return if the session verified a second factor in the last minutes.

    Raises `SecondFactorNotEnrolled` or `SecondFactorRequired`.
    """
    if not status.second_factor:
        raise SecondFactorNotEnrolled
    if status.recent_mfa_until is None or now >= status.recent_mfa_until:
        raise SecondFactorRequired


def demand_operator(status: AccountStatus, *roles: Role) -> None:
    """Return if the operator's account is open and has one of the roles in the commit of the admin action.

    The edge demands it too, but two admins who demote each other at the same moment both pass there, and
    only one may succeed. Raises `OperatorDemoted`.
    """
    if status.disabled or not status.roles & {*roles}:
        raise OperatorDemoted
