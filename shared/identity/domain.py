"""The security state of an account, and the documents that one decision about it changes together."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from shared.identity.audit import AuditEntry
from shared.kernel.access import AccountStatus
from shared.kernel.actor import known_roles
from shared.kernel.device import Platform
from shared.kernel.errors import NotFound

ALL_SESSIONS = "*"
"""In place of a session's id: every session of the account."""


class UserNotFound(NotFound):
    """There is no user with this id."""

    code = "USER_NOT_FOUND"
    detail = "There is no user with this id."


@dataclass(frozen=True, slots=True)
class EnrolmentCode:
    """A one-time code with which an operator enrols a second factor; `hash` is all that is stored of it."""

    hash: str = field(repr=False)
    issued_by: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Account:
    """What an account may do, and which of its sign-ins count; it exists with or without a profile."""

    uid: str
    roles: tuple[str, ...] = ()
    tokens_valid_after: datetime | None = None
    """Sign-ins up to this moment have ended."""
    revoked_sessions: tuple[str, ...] = ()
    """Later sessions that were ended one by one."""
    signed_in_at: datetime | None = None
    """The latest sign-in that the API has seen."""
    disabled: bool = False
    second_factor: bool = False
    """Whether a second factor is confirmed; the factor has a document of its own."""
    enrolment_code: EnrolmentCode | None = None
    decision_reason: str = ""
    """Why an operator changed the account last."""


@dataclass(frozen=True, slots=True)
class Session:
    """One sign-in on one device."""

    id: str
    created_at: datetime
    """The time of the sign-in."""
    seen_at: datetime
    label: str = ""
    platform: Platform | None = None
    provider: str = ""
    revoked_at: datetime | None = None
    recent_mfa_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class SignIn:
    """An account, and the session in which its user is signed in."""

    account: Account
    session: Session


@dataclass(frozen=True, slots=True)
class SecondFactor:
    """One person's authenticator app; `secret` is encrypted and `recovery` holds hashes."""

    uid: str
    secret: str = field(repr=False)
    created_at: datetime
    confirmed_at: datetime | None = None
    last_step: int = -1
    """The time step of the last accepted code; that code and earlier ones are refused."""
    recovery: tuple[str, ...] = field(default=(), repr=False)
    failures: int = 0
    locked_until: datetime | None = None
    locks: int = 0
    """How often the factor was locked since the last right code."""
    admitted_by: str = ""
    """The admin whose one-time code admitted the enrolment; empty for users who are no operators."""


@dataclass(frozen=True, slots=True)
class Contact:
    """The name, e-mail address and phone number of a user, as their profile has them."""

    name: str = ""
    email: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class SecurityState:
    """The documents that one decision reads and changes together.

    A part is None when it does not exist or was not asked for. `operator` is read, never changed. `entry`
    is created. `silenced` names the session whose devices get no more pushes, or `ALL_SESSIONS`.
    """

    account: Account | None = None
    session: Session | None = None
    factor: SecondFactor | None = None
    operator: Account | None = None
    entry: AuditEntry | None = None
    silenced: str = ""


def status_of(account: Account | None) -> AccountStatus:
    """Return the account status; an unknown account has no roles, and its sign-ins count."""
    if account is None:
        return AccountStatus()
    return AccountStatus(
        known_roles(account.roles),
        account.tokens_valid_after,
        account.revoked_sessions,
        account.disabled,
        account.second_factor,
    )
