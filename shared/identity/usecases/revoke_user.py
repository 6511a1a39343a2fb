"""Support ends all sessions of a user, or an admin disables and enables their account."""

from __future__ import annotations

from dataclasses import dataclass

from shared.identity.admin import AdminDecision, disabled, revoked
from shared.identity.audit import AdminAction
from shared.identity.domain import Account, SecurityState, status_of
from shared.identity.ports import IdentityProvider, SecurityStore, StatusCache
from shared.identity.usecases.find_user import demand_user
from shared.identity.usecases.inform_provider import inform_of_closure, inform_of_ended_sign_ins
from shared.kernel.access import demand_operator
from shared.kernel.actor import Role
from shared.kernel.idempotency import IdempotentRequest


@dataclass(frozen=True, slots=True)
class RevokeUser:
    """The admin action that ends all sessions of its user."""

    action: AdminAction


@dataclass(frozen=True, slots=True)
class DisableUser:
    """The admin action that disables the account of its user, or with `disable` false enables it."""

    action: AdminAction
    disable: bool = True


async def revoke_user(
    command: RevokeUser,
    *,
    security: SecurityStore,
    identities: IdentityProvider,
    statuses: StatusCache,
    idempotency: IdempotentRequest | None = None,
) -> Account:
    """End all sessions and return the account.

    The identity provider is informed at once, and again by the event, should this process die before. With
    `idempotency`, a call that comes again late ends no later session. Raises `UserNotFound`,
    `OperatorProtected` or `OperatorDemoted`.
    """
    action = command.action
    await demand_user(action.uid, security, identities)

    def decide(state: SecurityState) -> AdminDecision:
        demand_operator(status_of(state.operator), Role.ADMIN, Role.SUPPORT)
        return revoked(state, action)

    account = await security.change(
        action.uid, decide, operator_id=action.operator.uid, idempotency=idempotency
    )
    await inform_of_ended_sign_ins(account.uid, security=security, identities=identities, statuses=statuses)
    return account


async def disable_user(
    command: DisableUser,
    *,
    security: SecurityStore,
    identities: IdentityProvider,
    statuses: StatusCache,
    idempotency: IdempotentRequest | None = None,
) -> Account:
    """Disable or enable the account and return it.

    The account is closed whatever documents its user has: the action creates `auth/{uid}`. The identity
    provider is informed each time, and again by the event, should this process die before. Raises
    `UserNotFound`, `OperatorProtected`, `AlreadyDecided`, `OwnAccount` or `OperatorDemoted`.
    """
    action = command.action
    await demand_user(action.uid, security, identities)

    def decide(state: SecurityState) -> AdminDecision:
        demand_operator(status_of(state.operator), Role.ADMIN)
        return disabled(state, action, disable=command.disable)

    account = await security.change(
        action.uid, decide, operator_id=action.operator.uid, idempotency=idempotency
    )
    await inform_of_closure(action.uid, security=security, identities=identities, statuses=statuses)
    return account
