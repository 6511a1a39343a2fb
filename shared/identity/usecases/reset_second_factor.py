"""An admin takes away the second factor of somebody who has lost it, codes and all."""

from __future__ import annotations

from dataclasses import dataclass

from shared.accounts.domain import Account, status_of
from shared.identity.audit import AdminAction
from shared.identity.factor_reset import FactorReset, without_factor
from shared.identity.ports import IdentityProvider, SecondFactorStore
from shared.identity.second_factor import SecondFactor
from shared.kernel.access import demand_operator
from shared.kernel.actor import Role


@dataclass(frozen=True, slots=True)
class ResetSecondFactor:
    """Whose second factor goes, by whom and why."""

    uid: str
    action: AdminAction


async def reset_second_factor(
    command: ResetSecondFactor, *, factors: SecondFactorStore, identities: IdentityProvider
) -> Account:
    """Forget the factor, end all sessions, tell the owner, and return the account.

    A second time changes nothing, but tells the identity provider of the same moment again, so that a
    request that got no answer can be repeated. Raises `UserNotFound`, `OwnAccount`, `OperatorDemoted`.
    """

    def decide(stored: Account | None, operator: Account | None, factor: SecondFactor | None) -> FactorReset:
        demand_operator(status_of(operator), Role.ADMIN)
        return without_factor(stored, factor, command.action)

    account = await factors.reset(command.uid, command.action.operator.uid, decide)
    if account.tokens_valid_after:
        await identities.sign_out(account.uid, account.tokens_valid_after)
    return account
