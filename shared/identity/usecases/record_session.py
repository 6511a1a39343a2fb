"""An app calls in a user's name: the sign-in becomes a session that its owner can list and end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.identity.domain import SecurityState, SignIn
from shared.identity.ports import SecurityStore
from shared.identity.sessions import signed_in
from shared.kernel.actor import Principal
from shared.kernel.decision import Decision
from shared.kernel.device import Platform


@dataclass(frozen=True, slots=True)
class RecordSession:
    """The signed-in user, and the name of the app's device; None leaves its name as it is."""

    person: Principal
    label: str | None = None
    platform: Platform | None = None


async def record_session(command: RecordSession, *, security: SecurityStore, now: datetime) -> SignIn:
    """Store the session if it is new, renamed or was not used lately; return it with the account.

    Raises `AccountDisabled` or `SessionRevoked`.
    """
    person = command.person

    def decide(state: SecurityState) -> Decision[SecurityState, SignIn]:
        sign_in = signed_in(state, person, now, label=command.label, platform=command.platform)
        return Decision(SecurityState(sign_in.account, sign_in.session), (), sign_in)

    return await security.change(person.uid, decide, session_id=person.session_id)
