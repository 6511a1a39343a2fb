"""A user ends all of their sessions, including this one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.identity.domain import SecurityState
from shared.identity.events import SignInsEnded
from shared.identity.ports import IdentityProvider, SecurityStore, StatusCache
from shared.identity.sessions import signed_out, signed_out_everywhere, with_sign_in
from shared.identity.usecases.inform_provider import forget_status
from shared.kernel.actor import Principal
from shared.kernel.decision import Decision
from shared.kernel.event import event_id


@dataclass(frozen=True, slots=True)
class SignOutEverywhere:
    """The user who signs out."""

    person: Principal


async def sign_out_everywhere(
    command: SignOutEverywhere,
    *,
    security: SecurityStore,
    identities: IdentityProvider,
    statuses: StatusCache,
    now: datetime,
) -> None:
    """End all sign-ins up to now and silence all devices.

    The account changes first, because our routes read it. When the identity provider does not answer
    (`Unavailable`), the sessions have ended all the same, and the event informs it.
    """
    person = command.person

    def decide(state: SecurityState) -> Decision[SecurityState, datetime]:
        account = with_sign_in(state.account, person)
        after = signed_out(account, now).tokens_valid_after or now
        ended = SignInsEnded(
            id=event_id(person.uid, SignInsEnded.name(), after.isoformat()),
            at=now,
            actor=person.uid,
            user_id=person.uid,
            until=after,
        )
        return Decision(signed_out_everywhere(state, account, now), (ended,), after)

    after = await security.change(person.uid, decide)
    await forget_status(person.uid, statuses)
    await identities.sign_out(person.uid, after)
