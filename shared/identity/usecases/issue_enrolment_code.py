"""An admin gives an operator the one-time code with which they enrol their second factor."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from shared.identity import enrolment_codes
from shared.identity.admin import AdminDecision, with_enrolment_code
from shared.identity.audit import AdminAction
from shared.identity.domain import SecurityState, status_of
from shared.identity.ports import IdentityProvider, SecurityStore
from shared.identity.usecases.find_user import demand_user
from shared.kernel.access import demand_operator
from shared.kernel.actor import Role


@dataclass(frozen=True, slots=True)
class IssueEnrolmentCode:
    """The admin action that gives its user an enrolment code."""

    action: AdminAction


@dataclass(frozen=True, slots=True)
class IssuedCode:
    """The code, which the API returns once, and the time until which it admits an enrolment."""

    enrolment_code: str = field(repr=False)
    expires_at: datetime


async def issue_enrolment_code(
    command: IssueEnrolmentCode,
    *,
    security: SecurityStore,
    identities: IdentityProvider,
    random: Callable[[int], bytes],
) -> IssuedCode:
    """Store the hash of a new code, which replaces any other of the user, and return the code.

    Raises `UserNotFound`, `UserHasSecondFactor`, `OwnAccount` or `OperatorDemoted`.
    """
    action = command.action
    await demand_user(action.uid, security, identities)
    code = enrolment_codes.code_of(random(enrolment_codes.CODE_BYTES))
    stored = enrolment_codes.issued(code, action.uid, action.operator.uid, action.at)

    def decide(state: SecurityState) -> AdminDecision:
        demand_operator(status_of(state.operator), Role.ADMIN)
        return with_enrolment_code(state, action, stored)

    await security.change(action.uid, decide, operator_id=action.operator.uid)
    return IssuedCode(code, stored.expires_at)
