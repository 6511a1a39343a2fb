"""A user ends one of their sessions, for example on a lost phone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.identity.domain import SecurityState
from shared.identity.ports import SecurityStore, StatusCache
from shared.identity.sessions import ended
from shared.identity.usecases.inform_provider import forget_status
from shared.kernel.decision import Decision


@dataclass(frozen=True, slots=True)
class EndSession:
    """The session, and its owner."""

    uid: str
    session_id: str


async def end_session(
    command: EndSession, *, security: SecurityStore, statuses: StatusCache, now: datetime
) -> None:
    """End the session: sensitive routes refuse it from now on. Raises `SessionNotFound`."""

    def decide(state: SecurityState) -> Decision[SecurityState, None]:
        return Decision(ended(state, now), (), None)

    await security.change(command.uid, decide, session_id=command.session_id)
    await forget_status(command.uid, statuses)
