"""Support ends all sessions of somebody, or an admin closes and opens their account."""

from __future__ import annotations

from dataclasses import dataclass

from shared.accounts.audit import Audited, Deed, demand_operator, disabled, revoked
from shared.accounts.domain import Account
from shared.accounts.ports import AccountStore, IdentityProvider
from shared.kernel.actor import Role


@dataclass(frozen=True, slots=True)
class RevokeUser:
    """Whose sessions shall end, by whom and why."""

    uid: str
    deed: Deed


@dataclass(frozen=True, slots=True)
class DisableUser:
    """Whose account shall be closed (or, with `disable` false, open again), by whom and why."""

    uid: str
    deed: Deed
    disable: bool = True


async def revoke_user(
    command: RevokeUser, *, accounts: AccountStore, identities: IdentityProvider
) -> Account:
    """End all sessions and return the account.

    Raises `UserNotFound`, `OperatorProtected` or `OperatorDemoted`.
    """

    def decide(stored: Account | None, operator: Account | None) -> Audited:
        demand_operator(operator, Role.ADMIN, Role.SUPPORT)
        return revoked(stored, command.deed)

    account = await accounts.change_audited(command.uid, command.deed.operator.uid, decide)
    await identities.sign_out(account.uid, account.tokens_valid_after or command.deed.at)
    return account


async def disable_user(
    command: DisableUser, *, accounts: AccountStore, identities: IdentityProvider
) -> Account:
    """Close or open the account and return it.

    The identity provider is told each time, so that a request that got no answer can be repeated. Raises
    `UserNotFound`, `OperatorProtected`, `OwnAccount` or `OperatorDemoted`.
    """

    def decide(stored: Account | None, operator: Account | None) -> Audited:
        demand_operator(operator, Role.ADMIN)
        return disabled(stored, command.deed, disable=command.disable)

    account = await accounts.change_audited(command.uid, command.deed.operator.uid, decide)
    await identities.set_disabled(command.uid, command.disable)
    return account
