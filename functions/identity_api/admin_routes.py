"""The routes by which operators act on other users' accounts; the audit log records each action."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from functions.identity_api.admin_schemas import ReasonRequest, RolesRequest, UserView
from shared.composition.identity import IdentityPorts
from shared.edge.app import api_router
from shared.edge.auth import Admin, Support
from shared.edge.provided import PORTS, NewIds, Now
from shared.edge.schemas import IdPath
from shared.identity import queries
from shared.identity.audit import AdminAction
from shared.identity.domain import Account
from shared.identity.usecases.change_roles import ChangeRoles, change_roles
from shared.identity.usecases.reset_second_factor import ResetSecondFactor, reset_second_factor
from shared.identity.usecases.revoke_user import DisableUser, RevokeUser, disable_user, revoke_user
from shared.kernel.actor import Operator
from shared.kernel.ids import NewId

Ports = Annotated[IdentityPorts, PORTS]

router = api_router("/api/v1/admin/users", tags=["admin"])


def _action(uid: str, operator: Operator, body: ReasonRequest, new_id: NewId, now: datetime) -> AdminAction:
    return AdminAction(new_id("aud"), operator, uid, body.reason, now)


async def _view(account: Account, ports: IdentityPorts) -> UserView:
    """Return the account beside the name and the addresses of its user."""
    return UserView.of(account, await queries.contact_of(account.uid, contacts=ports.contacts))


@router.post("/{uid}/roles")
async def set_roles(
    uid: IdPath, body: RolesRequest, operator: Admin, ports: Ports, now: Now, new_id: NewIds
) -> UserView:
    """Grant roles to a user or revoke them (admin); the change holds from the user's next request on."""
    action = _action(uid, operator, body, new_id, now)
    command = ChangeRoles(action, frozenset(body.grant), frozenset(body.revoke))
    account = await change_roles(command, security=ports.security, identities=ports.identities)
    return await _view(account, ports)


@router.post("/{uid}/revoke")
async def revoke(
    uid: IdPath, body: ReasonRequest, operator: Support, ports: Ports, now: Now, new_id: NewIds
) -> UserView:
    """End all sessions of a user (support); only an admin can do this to operators."""
    command = RevokeUser(_action(uid, operator, body, new_id, now))
    account = await revoke_user(command, security=ports.security, identities=ports.identities)
    return await _view(account, ports)


@router.post("/{uid}/second-factor/reset")
async def reset_factor(
    uid: IdPath, body: ReasonRequest, operator: Admin, ports: Ports, now: Now, new_id: NewIds
) -> UserView:
    """Remove a user's lost second factor (admin): they are signed out and informed, and enrol a new one."""
    command = ResetSecondFactor(_action(uid, operator, body, new_id, now))
    account = await reset_second_factor(command, security=ports.security, identities=ports.identities)
    return await _view(account, ports)


@router.post("/{uid}/disable")
async def disable(
    uid: IdPath, body: ReasonRequest, operator: Admin, ports: Ports, now: Now, new_id: NewIds
) -> UserView:
    """Disable a user's account (admin)."""
    command = DisableUser(_action(uid, operator, body, new_id, now))
    account = await disable_user(command, security=ports.security, identities=ports.identities)
    return await _view(account, ports)


@router.post("/{uid}/enable")
async def enable(
    uid: IdPath, body: ReasonRequest, operator: Admin, ports: Ports, now: Now, new_id: NewIds
) -> UserView:
    """Enable a disabled account (admin)."""
    command = DisableUser(_action(uid, operator, body, new_id, now), disable=False)
    account = await disable_user(command, security=ports.security, identities=ports.identities)
    return await _view(account, ports)
