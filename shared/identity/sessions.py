"""The rules about sign-ins: each is a session, which its owner sees and can end from anywhere.

A session is recorded when an app first asks who it belongs to. Whether it still stands is read from
the person's own document, so that the end of a session holds at once and not when its token is over.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import reduce

from shared.accounts.domain import Account, account_of, released, status_of
from shared.kernel.access import demand_session
from shared.kernel.actor import Principal
from shared.kernel.device import Platform
from shared.kernel.errors import NotFound, WrongState

SEEN_EVERY = timedelta(minutes=10)
"""How exactly it is known when a session was last used: more would be a write a request."""

MAX_REVOKED = 200
"""Sessions that a person can have ended one by one since signing out everywhere."""


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
    recent_mfa_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Visit:
    """A person's account and the session in which they are here."""

    account: Account
    session: Session


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
    demand_session(status_of(account), person)
    known = session or Session(person.session_id, person.signed_in_at, now, provider=person.provider)
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
    gone = replace(session, revoked_at=now, recent_mfa_until=None)
    devices = [id_ for id_, known in account.device_sessions.items() if known == session.id]
    silent = reduce(released, devices, account)
    return Visit(replace(silent, revoked_sessions=revoked), gone)


def signed_out(account: Account, now: datetime) -> Account:
    """Return the account after the end of all its sessions; those ended before need no mention.

    A clock that is behind ends them too: the moment never moves back, nor lies before a sign-in that has
    shown itself.
    """
    # mutant: sign-out-moves-back, clock-ahead
    after = max(now, account.tokens_valid_after or now, account.signed_in_at or now)
    return replace(account, tokens_valid_after=after, revoked_sessions=())


def silenced(account: Account) -> Account:
    """Return the account without its devices: a lost phone shows nothing more of its owner's life.

    An app registers its device anew with the next sign-in.
    """
    return replace(account, push_tokens=(), device_sessions={})
