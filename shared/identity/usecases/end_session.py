"""A person ends one of their sessions, be it on a phone that they lost."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.accounts.domain import Account
from shared.identity.ports import SessionStore
from shared.identity.sessions import Session, Visit, ended


@dataclass(frozen=True, slots=True)
class EndSession:
    """Whose session, and which."""

    uid: str
    session_id: str


async def end_session(command: EndSession, *, sessions: SessionStore, now: datetime) -> None:
    """End the session: sensitive routes refuse it from now on. Raises `SessionNotFound`."""

    def decide(account: Account | None, session: Session | None) -> Visit:
        return ended(account, session, now)

    await sessions.change(command.uid, command.session_id, decide)
