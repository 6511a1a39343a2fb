"""The rules about sign-ins: each is a session, which its owner can list and end from any device.

The first request of an app records its session. Whether the session has ended is read from the account, so
that its end holds at once and not when the ID token expires.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from shared.identity.domain import ALL_SESSIONS, Account, SecurityState, Session, SignIn, status_of
from shared.kernel.access import demand_session
from shared.kernel.actor import Principal
from shared.kernel.device import Platform
from shared.kernel.errors import NotFound, WrongState

SEEN_EVERY = timedelta(minutes=10)
"""The precision of a session's last use: a finer one would cost a write per request."""

MAX_REVOKED = 200
"""How many sessions a user can end one by one before they have to sign out everywhere."""


class SessionNotFound(NotFound):
    """You have no such session."""

    code = "SESSION_NOT_FOUND"
    detail = "You have no such session."


class TooManySessionsRevoked(WrongState):
    """You have ended too many sessions one by one; sign out everywhere instead."""

    code = "TOO_MANY_SESSIONS_REVOKED"
    detail = "You have ended too many sessions one by one; sign out everywhere instead."


def with_sign_in(account: Account | None, person: Principal) -> Account:
    """Return the account with this sign-in as the latest that was seen; a new account for a new user."""
    known = account or Account(person.uid)
    at = person.signed_in_at
    return replace(known, signed_in_at=max(at, known.signed_in_at or at))


def signed_in(
    state: SecurityState,
    person: Principal,
    now: datetime,
    *,
    label: str | None = None,
    platform: Platform | None = None,
) -> SignIn:
    """Return account and session as of this request, new ones for a new user or a new sign-in.

    `label` and `platform` rename the session's device. Raises `AccountDisabled` or `SessionRevoked`.
    """
    demand_session(status_of(state.account), person)
    session = state.session or Session(person.session_id, person.signed_in_at, now, provider=person.provider)
    if label is not None:
        session = replace(session, label=label, platform=platform, seen_at=now)
    elif now - session.seen_at >= SEEN_EVERY:
        session = replace(session, seen_at=now)
    return SignIn(with_sign_in(state.account, person), session)


def ended(state: SecurityState, now: datetime) -> SecurityState:
    """Return the state after the end of its session; an ended session stays as it is.

    The devices that were registered in the session get no more pushes: the phone may be lost. Raises
    `SessionNotFound` or `TooManySessionsRevoked`.
    """
    account, session = state.account, state.session
    if account is None or session is None:
        raise SessionNotFound
    if session.id in account.revoked_sessions:
        return state
    if len(account.revoked_sessions) >= MAX_REVOKED:
        raise TooManySessionsRevoked
    return replace(
        state,
        account=replace(account, revoked_sessions=(*account.revoked_sessions, session.id)),
        session=replace(session, revoked_at=now, recent_mfa_until=None),
        silenced=session.id,
    )


def signed_out(account: Account, now: datetime) -> Account:
    """Return the account after the end of all its sessions; the list of single ends becomes empty.

    A clock that is behind ends them too: the moment never moves back, and is never before a sign-in that
    was seen.
    """
    # mutant: sign-out-moves-back, clock-ahead
    after = max(now, account.tokens_valid_after or now, account.signed_in_at or now)
    return replace(account, tokens_valid_after=after, revoked_sessions=())


def signed_out_everywhere(state: SecurityState, account: Account, now: datetime) -> SecurityState:
    """Return the state after the end of all sessions of `account`: none of its devices gets a push.

    An app registers its device again after the next sign-in.
    """
    return replace(state, account=signed_out(account, now), silenced=ALL_SESSIONS)
