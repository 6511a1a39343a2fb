"""The routes about sign-ins: parse, authorise, one use case, map the result."""

from __future__ import annotations

from functions.identity_api import wiring
from functions.identity_api.schemas import SessionList, SessionRequest, SessionView
from shared.edge.app import api_router
from shared.edge.auth import ActiveUser, SignedInUser
from shared.edge.ratelimit import CREATING, limited
from shared.edge.schemas import IdPath
from shared.identity import queries
from shared.identity.usecases.end_session import EndSession, end_session
from shared.identity.usecases.record_session import RecordSession, record_session
from shared.identity.usecases.sign_out_everywhere import SignOutEverywhere, sign_out_everywhere
from shared.kernel.clock import utc_now

router = api_router("/api/v1/me/sessions", tags=["sessions"])


@router.post("", status_code=201)
@limited(CREATING)
async def record(body: SessionRequest, user: SignedInUser) -> SessionView:
    """Name this sign-in's device; again, to name it otherwise."""
    command = RecordSession(user, body.label, body.platform)
    visit = await record_session(command, sessions=wiring.sessions(), now=utc_now())
    return SessionView.of(visit.session, user)


@router.get("")
async def list_sessions(user: ActiveUser) -> SessionList:
    """List your sign-ins that stand."""
    found = await queries.sessions_of(user, accounts=wiring.accounts(), sessions=wiring.sessions())
    return SessionList(sessions=[SessionView.of(session, user) for session in found])


@router.delete("/{session_id}", status_code=204)
async def end(session_id: IdPath, user: ActiveUser) -> None:
    """End one of your sign-ins: money, medicine and admin routes refuse it at once."""
    await end_session(EndSession(user.uid, session_id), sessions=wiring.sessions(), now=utc_now())


@router.delete("", status_code=204)
async def end_all(user: ActiveUser) -> None:
    """Sign out everywhere, here too."""
    await sign_out_everywhere(
        SignOutEverywhere(user), accounts=wiring.accounts(), identities=wiring.identities(), now=utc_now()
    )
