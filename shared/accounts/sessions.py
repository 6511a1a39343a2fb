"""The rules about sign-ins: each is a session, which its owner sees and can end from anywhere.

A session is recorded when an app first asks who it belongs to. Whether it still stands is read from
the person's own document, so that the end of a session holds at once and not when its token is over.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import reduce

from shared.accounts.domain import Account, Platform, Principal, account_of, released, signed_in_at
from shared.kernel.actor import Role
from shared.kernel.errors import Forbidden, NotFound, Unauthenticated, WrongState

SEEN_EVERY = timedelta(minutes=10)
"""How exactly it is known when a session was last used: more would be a write a request."""

MAX_REVOKED = 200
"""Sessions that a person can have ended one by one since signing out everywhere."""


class SessionRevoked(Unauthenticated):
    """This sign-in was ended; sign in again."""

    code = "SESSION_REVOKED"
    detail = "This sign-in was ended; sign in again."


class AccountDisabled(Forbidden):
    """This account is closed; support can tell why."""

    code = "ACCOUNT_DISABLED"
    detail = "This account is closed; support can tell why."


class SecondFactorNotEnrolled(Forbidden):
    """This needs a second factor, and you have none yet: enrol one first."""

    code = "SECOND_FACTOR_NOT_ENROLLED"
    detail = "This needs a second factor, and you have none yet: enrol one first."


class SecondFactorRequired(Forbidden):
    """Show a code of your second factor first."""

    code = "SECOND_FACTOR_REQUIRED"
    detail = "Show a code of your second factor first."


class SessionNotFound(NotFound):
    """You have no such session."""

    code = "SESSION_NOT_FOUND"
    detail = "You have no such session."


class TooManySessionsRevoked(WrongState):
    """So many sessions were ended one by one; sign out everywhere instead."""

    code = "TOO_MANY_SESSIONS_REVOKED"
    detail = "So many sessions were ended one by one; sign out everywhere instead."


@dataclass(frozen=True, slots=True)
class Session:
    """One sign-in on one device."""

    id: str
    created_at: datetime
    """When the person signed in."""
    seen_at: datetime
    label: str = ""
    platform: Platform | None = None
    provider: str = ""
    revoked_at: datetime | None = None
    stepped_up_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """What decides whether a signed-in person may do something sensitive, as of now."""

    roles: frozenset[Role] = frozenset()
    tokens_valid_after: datetime | None = None
    revoked_sessions: tuple[str, ...] = ()
    disabled: bool = False
    second_factor: bool = False
    stepped_up_until: datetime | None = None
    """Of the session that was asked about."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A person's account and the session in which they are here."""

    account: Account
    session: Session


def demand_session(standing: Standing, person: Principal) -> None:
    """Return if the person's account is open and their sign-in stands.

    A sign-in in the very second of a sign-out counts as before it: tokens know no fractions.
    Raises `AccountDisabled` or `SessionRevoked`.
    """
    if standing.disabled:
        raise AccountDisabled
    after = standing.tokens_valid_after
    if person.session_id in standing.revoked_sessions or (after and signed_in_at(person) <= after):
        raise SessionRevoked


def demand_step_up(standing: Standing, now: datetime) -> None:
    """Return if a second factor was shown in this session, minutes ago.

    Raises `SecondFactorNotEnrolled` or `SecondFactorRequired`.
    """
    if not standing.second_factor:
        raise SecondFactorNotEnrolled
    if standing.stepped_up_until is None or now >= standing.stepped_up_until:
        raise SecondFactorRequired


def standing_of(account: Account | None) -> Standing:
    """Return the standing that an account gives; somebody unknown has no rights, but stands."""
    if account is None:
        return Standing()
    return Standing(
        tokens_valid_after=account.tokens_valid_after,
        revoked_sessions=account.revoked_sessions,
        disabled=account.disabled,
        second_factor=account.second_factor,
    )


def visited(
    person: Principal,
    account: Account | None,
    session: Session | None,
    now: datetime,
    *,
    label: str | None = None,
    platform: Platform | None = None,
) -> Visit:
    """Return account and session as of this visit, both made now where they are new.

    What has been verified since the last visit, or is so no more, comes from the token.
    Raises `AccountDisabled` or `SessionRevoked`.
    """
    demand_session(standing_of(account), person)
    known = session or Session(person.session_id, signed_in_at(person), now, provider=person.provider)
    if label is not None:
        known = replace(known, label=label, platform=platform, seen_at=now)
    elif now - known.seen_at >= SEEN_EVERY:
        known = replace(known, seen_at=now)
    return Visit(account_of(person, account), known)


def ended(account: Account | None, session: Session | None, now: datetime) -> Visit:
    """Return account and session after the session's end; one that has ended stays as it is.

    The devices that were registered in it ring no more: the phone may be in other hands.
    Raises `SessionNotFound` or `TooManySessionsRevoked`.
    """
    if account is None or session is None:
        raise SessionNotFound
    if session.id in account.revoked_sessions:
        return Visit(account, session)
    if len(account.revoked_sessions) >= MAX_REVOKED:
        raise TooManySessionsRevoked
    revoked = (*account.revoked_sessions, session.id)
    gone = replace(session, revoked_at=now, stepped_up_until=None)
    devices = [id_ for id_, known in account.device_sessions.items() if known == session.id]
    silent = reduce(released, devices, account)
    return Visit(replace(silent, revoked_sessions=revoked), gone)


def signed_out(account: Account, now: datetime) -> Account:
    """Return the account after the end of all its sessions; those ended before need no mention.

    A clock that is behind ends them too: the moment never moves back, nor lies before a sign-in that has
    shown itself.
    """
    after = max(now, account.tokens_valid_after or now, account.signed_in_at or now)
    return replace(account, tokens_valid_after=after, revoked_sessions=())


def silenced(account: Account) -> Account:
    """Return the account without its devices: a lost phone shows nothing more of its owner's life.

    An app registers its device anew with the next sign-in.
    """
    return replace(account, push_tokens=(), device_sessions={})
