"""What operators do to other people's accounts, and the record of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from shared.accounts.domain import GRANTABLE, Account, known_roles
from shared.accounts.sessions import signed_out, silenced
from shared.kernel.actor import Role
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


class OperatorDemoted(Forbidden):
    """You have just lost the role that this needs."""

    code = "OPERATOR_DEMOTED"
    detail = "You have just lost the role that this needs."


class Action(StrEnum):
    """What was done."""

    ROLES_CHANGED = "roles_changed"
    SESSIONS_REVOKED = "sessions_revoked"
    ACCOUNT_DISABLED = "account_disabled"
    ACCOUNT_ENABLED = "account_enabled"
    SECOND_FACTOR_RESET = "second_factor_reset"


@dataclass(frozen=True, slots=True)
class Operator:
    """Who acts on somebody else's account, and with which rights."""

    uid: str
    roles: frozenset[Role]


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One deed: who, what, to whom, why; `before` and `after` say what it changed."""

    id: str
    at: datetime
    actor_id: str
    action: Action
    subject_id: str
    reason: str
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Deed:
    """What an operator does, before it is known to what effect: the entry's id, time and reason."""

    id: str
    operator: Operator
    reason: str
    at: datetime

    def entry(
        self, action: Action, subject: str, before: Iterable[str] = (), after: Iterable[str] = ()
    ) -> AuditEntry:
        """Return the record of the deed."""
        return AuditEntry(
            self.id,
            self.at,
            self.operator.uid,
            action,
            subject,
            self.reason,
            tuple(sorted(before)),
            tuple(sorted(after)),
        )


Audited = tuple[Account, AuditEntry | None]
"""An account after a deed, and its record; no record where nothing had to change."""


def demand_operator(operator: Account | None, *roles: Role) -> None:
    """Return if the operator's account is open and has one of the roles in the very commit of the deed.

    It is asked at the door too; but of two admins who demote each other at once, both came in, and one
    has to stay. Raises `OperatorDemoted`.
    """
    if operator is None or operator.disabled or not known_roles(operator.roles) & {*roles}:
        raise OperatorDemoted


def with_roles(
    account: Account | None, grant: frozenset[Role], revoke: frozenset[Role], deed: Deed
) -> Audited:
    """Return the account with the roles that it has now.

    Raises `UserNotFound`, `RoleNotGrantable`, or `OwnAdminRole`: the last admin cannot leave by mistake.
    """
    if account is None:
        raise UserNotFound
    if not grant <= GRANTABLE:
        raise RoleNotGrantable
    if account.uid == deed.operator.uid and Role.ADMIN in revoke - grant:
        raise OwnAdminRole
    before = known_roles(account.roles)
    after = (before - revoke) | grant
    if after == before:
        return account, None
    changed = replace(account, roles=tuple(sorted(after)))
    return changed, deed.entry(Action.ROLES_CHANGED, account.uid, before, after)


def revoked(account: Account | None, deed: Deed) -> Audited:
    """Return the account after the end of all its sessions. Raises `UserNotFound`, `OperatorProtected`."""
    found = _within_reach(account, deed.operator)
    return silenced(signed_out(found, deed.at)), deed.entry(Action.SESSIONS_REVOKED, found.uid)


def disabled(account: Account | None, deed: Deed, *, disable: bool) -> Audited:
    """Return the account closed, with the end of all its sessions, or open again.

    Raises `UserNotFound`, `OperatorProtected`, or `OwnAccount`: no admin locks themselves out.
    """
    found = _within_reach(account, deed.operator)
    if found.uid == deed.operator.uid:
        raise OwnAccount
    if found.disabled is disable:
        return found, None
    if not disable:
        return replace(found, disabled=False), deed.entry(Action.ACCOUNT_ENABLED, found.uid)
    closed = replace(silenced(signed_out(found, deed.at)), disabled=True)
    return closed, deed.entry(Action.ACCOUNT_DISABLED, found.uid)


def _within_reach(account: Account | None, operator: Operator) -> Account:
    if account is None:
        raise UserNotFound
    theirs = known_roles(account.roles)
    if theirs & {Role.ADMIN, Role.SUPPORT} and Role.ADMIN not in operator.roles:
        raise OperatorProtected
    return account
