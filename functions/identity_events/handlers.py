"""The events after which the sign-in service has to know how an account is.

The request that made the change informs the service too. These handlers do it when that process died before,
or the service did not answer.
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
    await inform_of_closure(event.user_id, security=ports.security, identities=ports.identities)


async def sign_ins_ended(event: SignInsEnded, ports: IdentityPorts, _: datetime) -> None:
    """Let the service give no new tokens to the sign-ins that have ended."""
    await inform_of_ended_sign_ins(event.user_id, security=ports.security, identities=ports.identities)


HANDLERS: Mapping[type[Event], EventHandler] = {
    AccountClosed: account_closed_or_reopened,
    AccountReopened: account_closed_or_reopened,
    SignInsEnded: sign_ins_ended,
}
