"""The routes by which operators act on other people's accounts; what they do is kept in the audit."""

from __future__ import annotations

from functions.identity_api import wiring
from functions.identity_api.admin_schemas import ReasonRequest, RolesRequest, UserView
from shared.edge.app import api_router
from shared.edge.auth import Admin, Support
from shared.edge.schemas import IdPath
from shared.identity.audit import AdminAction
from shared.identity.usecases.change_roles import ChangeRoles, change_roles
from shared.identity.usecases.reset_second_factor import ResetSecondFactor, reset_second_factor
from shared.identity.usecases.revoke_user import DisableUser, RevokeUser, disable_user, revoke_user
from shared.kernel.actor import Operator
from shared.kernel.clock import utc_now
from shared.kernel.ids import new_id

router = api_router("/api/v1/admin/users", tags=["admin"])


def _deed(operator: Operator, body: ReasonRequest) -> AdminAction:
    return AdminAction(new_id("aud"), operator, body.reason, utc_now())


@router.post("/{uid}/roles")
async def set_roles(uid: IdPath, body: RolesRequest, operator: Admin) -> UserView:
    """Give somebody roles or take them back (admin); it holds from their next request on."""
    command = ChangeRoles(uid, frozenset(body.grant), frozenset(body.revoke), _deed(operator, body))
    return UserView.of(await change_roles(command, accounts=wiring.accounts()))


@router.post("/{uid}/revoke")
async def revoke(uid: IdPath, body: ReasonRequest, operator: Support) -> UserView:
    """End all of somebody's sign-ins (support); only an admin can do it to operators."""
    command = RevokeUser(uid, _deed(operator, body))
    return UserView.of(await revoke_user(command, accounts=wiring.accounts(), identities=wiring.identities()))


@router.post("/{uid}/second-factor/reset")
async def reset_factor(uid: IdPath, body: ReasonRequest, operator: Admin) -> UserView:
    """Take away somebody's lost second factor (admin): they are signed out, told, and enrol a new one."""
    command = ResetSecondFactor(uid, _deed(operator, body))
    account = await reset_second_factor(
        command, factors=wiring.second_factors(), identities=wiring.identities()
    )
    return UserView.of(account)


@router.post("/{uid}/disable")
async def disable(uid: IdPath, body: ReasonRequest, operator: Admin) -> UserView:
    """Close somebody's account (admin)."""
    command = DisableUser(uid, _deed(operator, body))
    return UserView.of(
        await disable_user(command, accounts=wiring.accounts(), identities=wiring.identities())
    )


@router.post("/{uid}/enable")
async def enable(uid: IdPath, body: ReasonRequest, operator: Admin) -> UserView:
    """Open somebody's account again (admin)."""
    command = DisableUser(uid, _deed(operator, body), disable=False)
    return UserView.of(
        await disable_user(command, accounts=wiring.accounts(), identities=wiring.identities())
    )
