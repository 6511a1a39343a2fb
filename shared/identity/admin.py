"""The rules about what operators do to other users' accounts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from shared.identity.audit import AdminAction, AuditAction
from shared.identity.domain import Account, EnrolmentCode, SecurityState
from shared.identity.enrolment_codes import demand_factor_of_operator, is_operator, with_code
from shared.identity.events import AccountClosed, AccountReopened, SecondFactorReset, SignInsEnded
from shared.identity.sessions import signed_out, signed_out_everywhere
from shared.kernel.actor import GRANTABLE, Role, known_roles
from shared.kernel.audit import demand_same_reason
from shared.kernel.decision import Decision
from shared.kernel.errors import Forbidden, Invalid, WrongState
from shared.kernel.event import Event, event_id
from shared.kernel.four_eyes import demand_uninvolved

AdminDecision = Decision[SecurityState, Account]
"""The state after an admin action, and the account in it; without an audit entry nothing has changed."""


class RoleNotGrantable(Invalid):
    """This role cannot be granted; choose another."""

    code = "ROLE_NOT_GRANTABLE"
    detail = "This role cannot be granted; choose another."


class OwnAdminRole(WrongState):
    """You cannot take your own admin role away; ask another admin."""

    code = "OWN_ADMIN_ROLE"
    detail = "You cannot take your own admin role away; ask another admin."


class OwnAccount(WrongState):
    """You cannot do this to your own account; ask another admin."""

    code = "OWN_ACCOUNT"
    detail = "You cannot do this to your own account; ask another admin."


class OperatorProtected(Forbidden):
    """Only an admin may do this to an account with a role in operations."""

    code = "OPERATOR_PROTECTED"
    detail = "Only an admin may do this to an account with a role in operations."


def with_roles(
    state: SecurityState, grant: frozenset[Role], revoke: frozenset[Role], action: AdminAction
) -> AdminDecision:
    """Return the account with the roles granted and revoked; a role in both is granted.

    Raises `RoleNotGrantable`, `OperatorNeedsSecondFactor`, `AlreadyDecided`, `OwnAccount`, or `OwnAdminRole`:
    the last admin cannot leave by mistake.
    """
    account = _account(state, action)
    if not grant <= GRANTABLE:
        raise RoleNotGrantable
    own = OwnAdminRole if Role.ADMIN in revoke - grant else OwnAccount
    demand_uninvolved(action.operator.uid, account.uid, refusal=own)
    before = known_roles(account.roles)
    after = (before - revoke) | grant
    if after == before:
        return _unchanged(state, account, action)
    changed = replace(account, roles=tuple(sorted(after)), decision_reason=action.reason)
    demand_factor_of_operator(account, changed)
    entry = action.entry(AuditAction.ROLES_CHANGED, before, after)
    return Decision(replace(state, account=changed, entry=entry), (), changed)


def revoked(state: SecurityState, action: AdminAction) -> AdminDecision:
    """Return the account after the end of all its sessions. Raises `OperatorProtected`."""
    account = _reachable_account(state, action)
    after = signed_out_everywhere(state, account, action.at)
    return _audited(after, action, AuditAction.SESSIONS_REVOKED, _ended(action, _account(after, action)))


def disabled(state: SecurityState, action: AdminAction, *, disable: bool) -> AdminDecision:
    """Return the account disabled, with all its sessions ended, or enabled again.

    Either is an event, which the other contexts and the sign-in service follow. Raises `OperatorProtected`,
    `AlreadyDecided`, or `OwnAccount`: no admin locks themselves out.
    """
    account = _reachable_account(state, action)
    demand_uninvolved(action.operator.uid, account.uid, refusal=OwnAccount)
    if account.disabled is disable:
        return _unchanged(state, account, action)
    if not disable:
        after = replace(state, account=replace(account, disabled=False))
        return _audited(
            after, action, AuditAction.ACCOUNT_ENABLED, AccountReopened(**_facts(action, AccountReopened))
        )
    after = signed_out_everywhere(state, replace(account, disabled=True), action.at)
    closed = AccountClosed(**_facts(action, AccountClosed))
    return _audited(after, action, AuditAction.ACCOUNT_DISABLED, closed)  # mutant: closing-is-no-event


def without_second_factor(state: SecurityState, action: AdminAction) -> AdminDecision:
    """Return the account after an admin removed its second factor, confirmed or not.

    All sessions end: the holder of the account signs in again before they enrol the next factor. The devices
    still get pushes, because a push informs the owner. Raises `AlreadyDecided` or `OwnAccount`.
    """
    account = _account(state, action)
    demand_uninvolved(action.operator.uid, account.uid, refusal=OwnAccount)
    if state.factor is None and not account.second_factor:
        return _unchanged(state, account, action)
    after = replace(signed_out(account, action.at), second_factor=False, decision_reason=action.reason)
    entry = action.entry(AuditAction.SECOND_FACTOR_RESET)
    events = (SecondFactorReset(**_facts(action, SecondFactorReset)), _ended(action, after))
    return Decision(replace(state, account=after, factor=None, entry=entry), events, after)


def with_enrolment_code(state: SecurityState, action: AdminAction, code: EnrolmentCode) -> AdminDecision:
    """Return the account with a one-time code for the enrolment of its second factor, in place of any other.

    Raises `UserHasSecondFactor` or `OwnAccount`.
    """
    account = _account(state, action)
    demand_uninvolved(action.operator.uid, account.uid, refusal=OwnAccount)
    after = replace(state, account=with_code(account, code))
    return _audited(after, action, AuditAction.ENROLMENT_CODE_ISSUED)


def _account(state: SecurityState, action: AdminAction) -> Account:
    """Return the account, new where its user never called the API."""
    return state.account or Account(action.uid)


def _reachable_account(state: SecurityState, action: AdminAction) -> Account:
    """Return the account if the operator may act on it: support may not act on operators."""
    account = _account(state, action)
    if is_operator(account) and Role.ADMIN not in action.operator.roles:
        raise OperatorProtected
    return account


def _audited(after: SecurityState, action: AdminAction, effect: AuditAction, *events: Event) -> AdminDecision:
    account = replace(_account(after, action), decision_reason=action.reason)
    return Decision(replace(after, account=account, entry=action.entry(effect)), events, account)


def _unchanged(state: SecurityState, account: Account, action: AdminAction) -> AdminDecision:
    """Return the account as it is, to an operator who repeats the latest action. Raises `AlreadyDecided`."""
    demand_same_reason(action.reason, account.decision_reason)
    return Decision(state, (), account)


def _ended(action: AdminAction, account: Account) -> SignInsEnded:
    """Return the event that all sign-ins up to now have ended."""
    until = account.tokens_valid_after or action.at
    return SignInsEnded(**_facts(action, SignInsEnded), until=until)


def _facts(action: AdminAction, event: type[Event]) -> dict[str, Any]:
    """Return the fields of an event that follow from the admin action."""
    return {
        "id": event_id(action.id, event.name()),
        "at": action.at,
        "actor": action.operator.uid,
        "user_id": action.uid,
    }
