"""What operators do to other people's accounts, and the record of it."""

from __future__ import annotations

from dataclasses import replace

from shared.accounts.domain import Account
from shared.identity.audit import AdminAction, AuditAction, AuditEntry
from shared.identity.sessions import signed_out, silenced
from shared.kernel.actor import GRANTABLE, Operator, Role, known_roles
from shared.kernel.errors import Forbidden, Invalid, NotFound, WrongState


class UserNotFound(NotFound):
    """There is no such person."""

    code = "USER_NOT_FOUND"
    detail = "There is no such person."


class RoleNotGrantable(Invalid):
    """Nobody can be given this role."""

    code = "ROLE_NOT_GRANTABLE"
    detail = "Nobody can be given this role."


class OwnAdminRole(WrongState):
    """You cannot take your own admin role away; another admin can."""

    code = "OWN_ADMIN_ROLE"
    detail = "You cannot take your own admin role away; another admin can."


class OwnAccount(WrongState):
    """You cannot do this to your own account; another admin can."""

    code = "OWN_ACCOUNT"
    detail = "You cannot do this to your own account; another admin can."


class OperatorProtected(Forbidden):
    """Only an admin may do this to someone with a role in operations."""

    code = "OPERATOR_PROTECTED"
    detail = "Only an admin may do this to someone with a role in operations."


Audited = tuple[Account, AuditEntry | None]
"""An account after a action, and its record; no record where nothing had to change."""


def with_roles(
    account: Account | None, grant: frozenset[Role], revoke: frozenset[Role], action: AdminAction
) -> Audited:
    """Return the account with the roles that it has now.

    Raises `UserNotFound`, `RoleNotGrantable`, or `OwnAdminRole`: the last admin cannot leave by mistake.
    """
    if account is None:
        raise UserNotFound
    if not grant <= GRANTABLE:
        raise RoleNotGrantable
    if account.uid == action.operator.uid and Role.ADMIN in revoke - grant:
        raise OwnAdminRole
    before = known_roles(account.roles)
    after = (before - revoke) | grant
    if after == before:
        return account, None
    changed = replace(account, roles=tuple(sorted(after)))
    return changed, action.entry(AuditAction.ROLES_CHANGED, account.uid, before, after)


def revoked(account: Account | None, action: AdminAction) -> Audited:
    """Return the account after the end of all its sessions. Raises `UserNotFound`, `OperatorProtected`."""
    found = _within_reach(account, action.operator)
    return silenced(signed_out(found, action.at)), action.entry(AuditAction.SESSIONS_REVOKED, found.uid)


def disabled(account: Account | None, action: AdminAction, *, disable: bool) -> Audited:
    """Return the account closed, with the end of all its sessions, or open again.

    Raises `UserNotFound`, `OperatorProtected`, or `OwnAccount`: no admin locks themselves out.
    """
    found = _within_reach(account, action.operator)
    if found.uid == action.operator.uid:
        raise OwnAccount
    if found.disabled is disable:
        return found, None
    if not disable:
        return replace(found, disabled=False), action.entry(AuditAction.ACCOUNT_ENABLED, found.uid)
    closed = replace(silenced(signed_out(found, action.at)), disabled=True)
    return closed, action.entry(AuditAction.ACCOUNT_DISABLED, found.uid)


def _within_reach(account: Account | None, operator: Operator) -> Account:
    if account is None:
        raise UserNotFound
    theirs = known_roles(account.roles)
    if theirs & {Role.ADMIN, Role.SUPPORT} and Role.ADMIN not in operator.roles:
        raise OperatorProtected
    return account
