"""An admin gives somebody roles, or takes them back."""

from __future__ import annotations

from dataclasses import dataclass

from shared.accounts.audit import Audited, Deed, with_roles
from shared.accounts.domain import Account
from shared.accounts.ports import AccountStore
from shared.kernel.actor import Role


@dataclass(frozen=True, slots=True)
class ChangeRoles:
    """Whose roles, which come and which go (one that does both, comes), by whom and why."""

    uid: str
    grant: frozenset[Role]
    revoke: frozenset[Role]
    deed: Deed


async def change_roles(command: ChangeRoles, *, accounts: AccountStore) -> Account:
    """Store the roles, which hold at once, with their audit entry; the errors are `audit.with_roles`'."""

    def decide(stored: Account | None) -> Audited:
        return with_roles(stored, command.grant, command.revoke, command.deed)

    return await accounts.change_audited(command.uid, decide)
