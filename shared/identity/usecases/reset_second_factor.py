"""An admin removes the second factor of a user who has lost it together with the recovery codes."""

from __future__ import annotations

from dataclasses import dataclass

from shared.identity.admin import AdminDecision, without_second_factor
from shared.identity.audit import AdminAction
from shared.identity.domain import Account, SecurityState, status_of
from shared.identity.ports import IdentityProvider, SecurityStore, StatusCache
from shared.identity.usecases.find_user import demand_user
from shared.identity.usecases.inform_provider import inform_of_ended_sign_ins
from shared.kernel.access import demand_operator
from shared.kernel.actor import Role
from shared.kernel.idempotency import IdempotentRequest


@dataclass(frozen=True, slots=True)
class ResetSecondFactor:
    """The admin action that removes the second factor of its user."""

    action: AdminAction


async def reset_second_factor(
    command: ResetSecondFactor,
    *,
    security: SecurityStore,
    identities: IdentityProvider,
    statuses: StatusCache,
    idempotency: IdempotentRequest | None = None,
) -> Account:
    """Remove the factor, end all sessions, inform the owner, and return the account.

    A second time for the same reason changes nothing, but informs the identity provider of the same moment
    again, so that a request without an answer can be repeated; with `idempotency`, the event alone informs it
    again. Raises `UserNotFound`, `AlreadyDecided`, `OwnAccount`, `OperatorDemoted`.
    """
    action = command.action
    await demand_user(action.uid, security, identities)

    def decide(state: SecurityState) -> AdminDecision:
        demand_operator(status_of(state.operator), Role.ADMIN)
        return without_second_factor(state, action)

    account = await security.change(
        action.uid, decide, operator_id=action.operator.uid, with_factor=True, idempotency=idempotency
    )
    await inform_of_ended_sign_ins(account.uid, security=security, identities=identities, statuses=statuses)
    return account
