"""The routes by which operators act on other users' accounts; the audit log records each action."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from datetime import datetime
from typing import Annotated

from functions.identity_api.admin_schemas import (
    AccountReasonRequest,
    EnrolmentCodeView,
    RolesRequest,
    UserView,
)
from shared.composition.identity import IdentityPorts
from shared.edge.app import api_router
from shared.edge.auth import Admin, Support
from shared.edge.idempotency import OptionalIdempotencyKey, RequestKey
from shared.edge.provided import PORTS, NewIds, Now
from shared.edge.refusals import refuses
from shared.edge.schemas import IdPath
from shared.identity import queries
from shared.identity.admin import OperatorProtected, OwnAccount, OwnAdminRole, RoleNotGrantable
from shared.identity.audit import AdminAction
from shared.identity.domain import Account, Contact, UserNotFound
from shared.identity.enrolment_codes import OperatorNeedsSecondFactor, UserHasSecondFactor
from shared.identity.usecases.change_roles import ChangeRoles, change_roles
from shared.identity.usecases.issue_enrolment_code import IssueEnrolmentCode, issue_enrolment_code
from shared.identity.usecases.reset_second_factor import ResetSecondFactor, reset_second_factor
from shared.identity.usecases.revoke_user import DisableUser, RevokeUser, disable_user, revoke_user
from shared.kernel.access import OperatorDemoted
from shared.kernel.actor import Operator
from shared.kernel.audit import AlreadyDecided
from shared.kernel.idempotency import AlreadyAnswered, IdempotentRequest
from shared.kernel.ids import NewId

Ports = Annotated[IdentityPorts, PORTS]

router = api_router("/api/v1/admin/users", tags=["admin"])


def _action(
    uid: str, operator: Operator, body: AccountReasonRequest, new_id: NewId, now: datetime
) -> AdminAction:
    return AdminAction(new_id("aud"), operator, uid, body.reason, now)


def _answer(key: RequestKey | None) -> IdempotentRequest | None:
    """Return the request whose repetition changes nothing; the answer that is stored names no person."""
    return key.for_answer(lambda account: UserView.of(account, Contact())) if key else None


@asynccontextmanager
async def _replays(uid: str, ports: IdentityPorts) -> AsyncIterator[None]:
    """Answer who repeats a request as before, with the name and the addresses of today."""
    try:
        yield
    except AlreadyAnswered as before:
        contact = await queries.contact_of(uid, contacts=ports.contacts)
        raise AlreadyAnswered({**before.answer, **asdict(contact)}) from None


async def _view(account: Account, ports: IdentityPorts) -> UserView:
    """Return the account beside the name and the addresses of its user."""
    return UserView.of(account, await queries.contact_of(account.uid, contacts=ports.contacts))


@router.post("/{uid}/roles", operation_id="changeRoles")
@refuses(
    AlreadyDecided,
    OperatorDemoted,
    OperatorNeedsSecondFactor,
    OwnAccount,
    OwnAdminRole,
    RoleNotGrantable,
    UserNotFound,
)
async def set_roles(
    uid: IdPath,
    body: RolesRequest,
    operator: Admin,
    key: OptionalIdempotencyKey,
    ports: Ports,
    now: Now,
    new_id: NewIds,
) -> UserView:
    """Grant or withdraw roles of a user.

    For admins; another admin changes their own roles. The change holds from the user's next request on and is
    audited. A role in operations needs a confirmed second factor.
    """
    action = _action(uid, operator, body, new_id, now)
    command = ChangeRoles(action, frozenset(body.grant), frozenset(body.revoke))
    async with _replays(uid, ports):
        account = await change_roles(
            command, security=ports.security, identities=ports.identities, idempotency=_answer(key)
        )
    return await _view(account, ports)


@router.post("/{uid}/revoke", operation_id="revokeUserSessions")
@refuses(OperatorProtected, UserNotFound)
async def revoke(
    uid: IdPath,
    body: AccountReasonRequest,
    operator: Support,
    key: OptionalIdempotencyKey,
    ports: Ports,
    now: Now,
    new_id: NewIds,
) -> UserView:
    """End all sessions of a user.

    For support and admins; only an admin can do it to an operator.
    """
    command = RevokeUser(_action(uid, operator, body, new_id, now))
    async with _replays(uid, ports):
        account = await revoke_user(
            command,
            security=ports.security,
            identities=ports.identities,
            statuses=ports.statuses,
            idempotency=_answer(key),
        )
    return await _view(account, ports)


@router.post("/{uid}/second-factor/reset", operation_id="resetSecondFactor")
@refuses(AlreadyDecided, OwnAccount, UserNotFound)
async def reset_factor(
    uid: IdPath,
    body: AccountReasonRequest,
    operator: Admin,
    key: OptionalIdempotencyKey,
    ports: Ports,
    now: Now,
    new_id: NewIds,
) -> UserView:
    """Reset the lost second factor of a user.

    For admins. The user is signed out, notified, and enrols a new factor; an operator needs an enrolment code
    for it.
    """
    command = ResetSecondFactor(_action(uid, operator, body, new_id, now))
    async with _replays(uid, ports):
        account = await reset_second_factor(
            command,
            security=ports.security,
            identities=ports.identities,
            statuses=ports.statuses,
            idempotency=_answer(key),
        )
    return await _view(account, ports)


@router.post("/{uid}/second-factor/enrolment-code", operation_id="issueEnrolmentCode", status_code=201)
@refuses(OperatorDemoted, OwnAccount, UserHasSecondFactor, UserNotFound)
async def give_enrolment_code(
    uid: IdPath, body: AccountReasonRequest, operator: Admin, ports: Ports, now: Now, new_id: NewIds
) -> EnrolmentCodeView:
    """Give an operator a code to enrol a second factor.

    For admins. The API returns the code once; hand it over in person. It replaces any earlier code, admits
    one factor, and expires after 24 hours.
    """
    issued = await issue_enrolment_code(
        IssueEnrolmentCode(_action(uid, operator, body, new_id, now)),
        security=ports.security,
        identities=ports.identities,
        random=ports.runtime.random_bytes,
    )
    return EnrolmentCodeView.model_validate(issued)


@router.post("/{uid}/disable", operation_id="disableUser")
@refuses(AlreadyDecided, OperatorDemoted, OwnAccount, UserNotFound)
async def disable(
    uid: IdPath,
    body: AccountReasonRequest,
    operator: Admin,
    key: OptionalIdempotencyKey,
    ports: Ports,
    now: Now,
    new_id: NewIds,
) -> UserView:
    """Disable the account of a user.

    For admins. All sessions end and new sign-ins are refused.
    """
    command = DisableUser(_action(uid, operator, body, new_id, now))
    async with _replays(uid, ports):
        account = await disable_user(
            command,
            security=ports.security,
            identities=ports.identities,
            statuses=ports.statuses,
            idempotency=_answer(key),
        )
    return await _view(account, ports)


@router.post("/{uid}/enable", operation_id="enableUser")
@refuses(AlreadyDecided, OwnAccount, UserNotFound)
async def enable(
    uid: IdPath,
    body: AccountReasonRequest,
    operator: Admin,
    key: OptionalIdempotencyKey,
    ports: Ports,
    now: Now,
    new_id: NewIds,
) -> UserView:
    """Enable the account of a user.

    For admins.
    """
    command = DisableUser(_action(uid, operator, body, new_id, now), disable=False)
    async with _replays(uid, ports):
        account = await disable_user(
            command,
            security=ports.security,
            identities=ports.identities,
            statuses=ports.statuses,
            idempotency=_answer(key),
        )
    return await _view(account, ports)
