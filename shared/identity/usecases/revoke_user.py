"""Support ends all sessions of somebody, or an admin closes and opens their account."""

from __future__ import annotations

from dataclasses import dataclass

from shared.accounts.domain import Account, status_of
from shared.identity.admin import Audited, disabled, revoked
from shared.identity.audit import AdminAction
from shared.identity.ports import AccountStore, IdentityProvider
from shared.kernel.access import demand_operator
from shared.kernel.actor import Role


@dataclass(frozen=True, slots=True)
class RevokeUser:
    """Whose sessions shall end, by whom and why."""

    uid: str
    action: AdminAction


@dataclass(frozen=True, slots=True)
class DisableUser:
    """Whose account shall be closed (or, with `disable` false, open again), by whom and why."""

    uid: str
    action: AdminAction
    disable: bool = True


async def revoke_user(
    command: RevokeUser, *, accounts: AccountStore, identities: IdentityProvider
) -> Account:
    """End all sessions and return the account.

    Raises `UserNotFound`, `OperatorProtected` or `OperatorDemoted`.
    """

    def decide(stored: Account | None, operator: Account | None) -> Audited:
        demand_operator(status_of(operator), Role.ADMIN, Role.SUPPORT)
        return revoked(stored, command.action)

    account = await accounts.change_audited(command.uid, command.action.operator.uid, decide)
    await identities.sign_out(account.uid, account.tokens_valid_after or command.action.at)
    return account


async def disable_user(
    command: DisableUser, *, accounts: AccountStore, identities: IdentityProvider
) -> Account:
    """Close or open the account and return it.

    The identity provider is told each time, so that a request that got no answer can be repeated. Raises
    `UserNotFound`, `OperatorProtected`, `OwnAccount` or `OperatorDemoted`.
    """

    def decide(stored: Account | None, operator: Account | None) -> Audited:
        demand_operator(status_of(operator), Role.ADMIN)
        return disabled(stored, command.action, disable=command.disable)

    account = await accounts.change_audited(command.uid, command.action.operator.uid, decide)
    await identities.set_disabled(command.uid, command.disable)
    return account
