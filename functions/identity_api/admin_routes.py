"""The routes by which operators act on other people's accounts; what they do is kept in the audit."""

from __future__ import annotations

from functions.identity_api import wiring
from functions.identity_api.admin_schemas import AccountReasonRequest, RolesRequest, UserView
from shared.edge.app import api_router
from shared.edge.auth import Admin, Support
from shared.edge.refusals import refuses
from shared.edge.schemas import IdPath
from shared.identity.admin import OperatorProtected, OwnAccount, OwnAdminRole, RoleNotGrantable, UserNotFound
from shared.identity.audit import AdminAction
from shared.identity.usecases.change_roles import ChangeRoles, change_roles
from shared.identity.usecases.reset_second_factor import ResetSecondFactor, reset_second_factor
from shared.identity.usecases.revoke_user import DisableUser, RevokeUser, disable_user, revoke_user
from shared.kernel.access import OperatorDemoted
from shared.kernel.actor import Operator
from shared.kernel.clock import utc_now
from shared.kernel.ids import new_id

router = api_router("/api/v1/admin/users", tags=["admin"])


def _deed(operator: Operator, body: AccountReasonRequest) -> AdminAction:
    return AdminAction(new_id("aud"), operator, body.reason, utc_now())


@router.post("/{uid}/roles", operation_id="changeRoles")
@refuses(OperatorDemoted, OwnAdminRole, RoleNotGrantable, UserNotFound)
async def set_roles(uid: IdPath, body: RolesRequest, operator: Admin) -> UserView:
    """Grant or withdraw roles of a user.

    For admins. The change holds from the user's next request on and is audited.
    """
    command = ChangeRoles(uid, frozenset(body.grant), frozenset(body.revoke), _deed(operator, body))
    return UserView.of(await change_roles(command, accounts=wiring.accounts()))


@router.post("/{uid}/revoke", operation_id="revokeUserSessions")
@refuses(OperatorProtected, UserNotFound)
async def revoke(uid: IdPath, body: AccountReasonRequest, operator: Support) -> UserView:
    """End all sessions of a user.

    For support and admins; only an admin can do it to an operator.
    """
    command = RevokeUser(uid, _deed(operator, body))
    return UserView.of(await revoke_user(command, accounts=wiring.accounts(), identities=wiring.identities()))


@router.post("/{uid}/second-factor/reset", operation_id="resetSecondFactor")
@refuses(OwnAccount, UserNotFound)
async def reset_factor(uid: IdPath, body: AccountReasonRequest, operator: Admin) -> UserView:
    """Reset the lost second factor of a user.

    For admins. The user is signed out, notified, and enrols a new factor.
    """
    command = ResetSecondFactor(uid, _deed(operator, body))
    account = await reset_second_factor(
        command, factors=wiring.second_factors(), identities=wiring.identities()
    )
    return UserView.of(account)


@router.post("/{uid}/disable", operation_id="disableUser")
@refuses(OperatorDemoted, OwnAccount, UserNotFound)
async def disable(uid: IdPath, body: AccountReasonRequest, operator: Admin) -> UserView:
    """Disable the account of a user.

    For admins. All sessions end and new sign-ins are refused.
    """
    command = DisableUser(uid, _deed(operator, body))
    return UserView.of(
        await disable_user(command, accounts=wiring.accounts(), identities=wiring.identities())
    )


@router.post("/{uid}/enable", operation_id="enableUser")
@refuses(OwnAccount, UserNotFound)
async def enable(uid: IdPath, body: AccountReasonRequest, operator: Admin) -> UserView:
    """Enable the account of a user.

    For admins.
    """
    command = DisableUser(uid, _deed(operator, body), disable=False)
    return UserView.of(
        await disable_user(command, accounts=wiring.accounts(), identities=wiring.identities())
    )
