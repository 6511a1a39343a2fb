"""An admin gives somebody roles, or takes them back."""

from __future__ import annotations

from dataclasses import dataclass

from shared.accounts.domain import Account, status_of
from shared.identity.admin import Audited, with_roles
from shared.identity.audit import AdminAction
from shared.identity.ports import AccountStore
from shared.kernel.access import demand_operator
from shared.kernel.actor import Role


@dataclass(frozen=True, slots=True)
class ChangeRoles:
    """Whose roles, which come and which go (one that does both, comes), by whom and why."""

    uid: str
    grant: frozenset[Role]
    revoke: frozenset[Role]
    action: AdminAction


async def change_roles(command: ChangeRoles, *, accounts: AccountStore) -> Account:
    """Store the roles, which hold at once, with their audit entry.

    Raises `OperatorDemoted`, or what `audit.with_roles` raises.
    """

    def decide(stored: Account | None, operator: Account | None) -> Audited:
        demand_operator(status_of(operator), Role.ADMIN)
        return with_roles(stored, command.grant, command.revoke, command.action)

    return await accounts.change_audited(command.uid, command.action.operator.uid, decide)
