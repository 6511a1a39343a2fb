"""The events after which what keeps a copy of an account's status is brought up to date.

The request that made the change does it too. These handlers do it when that process died before, or the
sign-in service or the cache did not answer: until both have, the event is delivered again.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from shared.composition.identity import IdentityPorts
from shared.edge.events import EventHandler
from shared.identity.events import AccountClosed, AccountReopened, SignInsEnded
from shared.identity.usecases.inform_provider import inform_of_closure, inform_of_ended_sign_ins
from shared.kernel.event import Event


async def account_closed_or_reopened(
    event: AccountClosed | AccountReopened, ports: IdentityPorts, _: datetime
) -> None:
    """Let the service refuse sign-ins, or admit them again."""
    uid, security = event.user_id, ports.security
    await inform_of_closure(uid, security=security, identities=ports.identities, statuses=ports.statuses)
    await ports.statuses.forget(uid)


async def sign_ins_ended(event: SignInsEnded, ports: IdentityPorts, _: datetime) -> None:
    """Let the service give no new tokens to the sign-ins that have ended."""
    uid, security = event.user_id, ports.security
    await inform_of_ended_sign_ins(
        uid, security=security, identities=ports.identities, statuses=ports.statuses
    )
    await ports.statuses.forget(uid)


HANDLERS: Mapping[type[Event], EventHandler] = {
    AccountClosed: account_closed_or_reopened,
    AccountReopened: account_closed_or_reopened,
    SignInsEnded: sign_ins_ended,
}
