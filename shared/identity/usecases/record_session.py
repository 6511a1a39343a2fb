"""An app shows up in a person's name: the sign-in becomes a session that they can see and end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.accounts.domain import Account
from shared.identity.ports import SessionStore
from shared.identity.sessions import Session, Visit, visited
from shared.kernel.actor import Principal
from shared.kernel.device import Platform


@dataclass(frozen=True, slots=True)
class RecordSession:
    """Who is there, and what the app calls its device; None leaves its name as it is."""

    person: Principal
    label: str | None = None
    platform: Platform | None = None


async def record_session(command: RecordSession, *, sessions: SessionStore, now: datetime) -> Visit:
    """Store the session, if it is new or was long not seen, and return it with the account.

    Raises `AccountDisabled` or `SessionRevoked`.
    """

    def decide(account: Account | None, session: Session | None) -> Visit:
        return visited(command.person, account, session, now, label=command.label, platform=command.platform)

    return await sessions.change(command.person.uid, command.person.session_id, decide)
