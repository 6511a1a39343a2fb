"""An admin grants roles to a user, or revokes them."""

from __future__ import annotations

from dataclasses import dataclass

from shared.identity.admin import AdminDecision, with_roles
from shared.identity.audit import AdminAction
from shared.identity.domain import Account, SecurityState, status_of
from shared.identity.ports import IdentityProvider, SecurityStore
from shared.identity.usecases.find_user import demand_user
from shared.kernel.access import demand_operator
from shared.kernel.actor import Role
from shared.kernel.idempotency import IdempotentRequest


@dataclass(frozen=True, slots=True)
class ChangeRoles:
    """The roles to grant and to revoke; a role in both is granted."""

    action: AdminAction
    grant: frozenset[Role]
    revoke: frozenset[Role]


async def change_roles(
    command: ChangeRoles,
    *,
    security: SecurityStore,
    identities: IdentityProvider,
    idempotency: IdempotentRequest | None = None,
) -> Account:
    """Store the roles, which hold at once, with their audit entry.

    Raises `UserNotFound`, `OperatorDemoted`, or what `admin.with_roles` raises.
    """
    action = command.action
    await demand_user(action.uid, security, identities)

    def decide(state: SecurityState) -> AdminDecision:
        demand_operator(status_of(state.operator), Role.ADMIN)
        return with_roles(state, command.grant, command.revoke, action)

    return await security.change(action.uid, decide, operator_id=action.operator.uid, idempotency=idempotency)
