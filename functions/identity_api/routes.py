"""The routes about sessions: parse, authorise, one use case, map the result."""

from __future__ import annotations

from typing import Annotated

from functions.identity_api.schemas import SessionList, SessionRequest, SessionView
from shared.composition.identity import IdentityPorts
from shared.edge.app import api_router
from shared.edge.auth import ActiveUser
from shared.edge.provided import PORTS, Now
from shared.edge.ratelimit import CREATING, limited
from shared.edge.refusals import refuses
from shared.edge.schemas import IdPath
from shared.identity import queries
from shared.identity.sessions import SessionNotFound, TooManySessionsRevoked
from shared.identity.usecases.end_session import EndSession, end_session
from shared.identity.usecases.record_session import RecordSession, record_session
from shared.identity.usecases.sign_out_everywhere import SignOutEverywhere, sign_out_everywhere
from shared.kernel.access import AccountDisabled

Ports = Annotated[IdentityPorts, PORTS]

router = api_router("/api/v1/me/sessions", tags=["sessions"])


@router.post("", operation_id="recordSession", status_code=201)
@refuses(AccountDisabled)
@limited(CREATING)
async def record(body: SessionRequest, user: ActiveUser, ports: Ports, now: Now) -> SessionView:
    """Name the device of this session.

    Repeat the call to change the name.
    """
    command = RecordSession(user, body.label, body.platform)
    sign_in = await record_session(command, security=ports.security, now=now)
    return SessionView.of(sign_in.session, user)


@router.get("", operation_id="listSessions")
async def list_sessions(user: ActiveUser, ports: Ports) -> SessionList:
    """List your active sessions.

    One session for each sign-in that has not ended.
    """
    found = await queries.sessions_of(user, security=ports.security)
    return SessionList(sessions=[SessionView.of(session, user) for session in found])


@router.delete("/{session_id}", operation_id="endSession", status_code=204)
@refuses(SessionNotFound, TooManySessionsRevoked)
async def end(session_id: IdPath, user: ActiveUser, ports: Ports, now: Now) -> None:
    """End one of your sessions.

    Every request of that session which reads its account status is refused from now on.
    """
    await end_session(
        EndSession(user.uid, session_id), security=ports.security, statuses=ports.statuses, now=now
    )


@router.delete("", operation_id="signOutEverywhere", status_code=204)
async def end_all(user: ActiveUser, ports: Ports, now: Now) -> None:
    """Sign out of all sessions.

    This session ends as well; sign in again afterwards.
    """
    await sign_out_everywhere(
        SignOutEverywhere(user),
        security=ports.security,
        identities=ports.identities,
        statuses=ports.statuses,
        now=now,
    )
