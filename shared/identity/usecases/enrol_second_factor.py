"""A user adds an authenticator app: they get a secret, and confirm it with its first code."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from shared.identity.domain import SecondFactor, SecurityState
from shared.identity.enrolment_codes import admitted_by
from shared.identity.enrolment_codes import confirmed as confirmed_account
from shared.identity.events import SecondFactorAdded
from shared.identity.ports import SecretCipher, SecurityStore
from shared.identity.second_factor import (
    RECOVERY_BYTES,
    RECOVERY_CODES,
    SECRET_BYTES,
    SecondFactorEnrolled,
    SecondFactorMissing,
    SecondFactorRules,
    attempted,
    enrolled,
    hashes,
    recovery_codes,
    with_recent_mfa,
)
from shared.identity.sessions import signed_in
from shared.identity.totp import otpauth_uri, secret_of
from shared.identity.usecases.verify_second_factor import matched_code
from shared.kernel.actor import Principal
from shared.kernel.decision import Decision
from shared.kernel.errors import DomainError
from shared.kernel.event import event_id

RandomBytes = Callable[[int], bytes]
"""Returns so many random bytes."""


@dataclass(frozen=True, slots=True)
class EnrolSecondFactor:
    """The user who adds a second factor; an operator has a one-time code of an admin."""

    person: Principal
    enrolment_code: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What the authenticator app needs; the API returns it once."""

    secret: str = field(repr=False)
    otpauth_uri: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ConfirmSecondFactor:
    """The user who confirms, and the code that their app shows."""

    person: Principal
    code: str


async def enrol_second_factor(
    command: EnrolSecondFactor,
    *,
    security: SecurityStore,
    cipher: SecretCipher,
    random: RandomBytes,
    now: datetime,
) -> Enrolment:
    """Store a factor that waits for its first code, and return its secret.

    It replaces a factor that was not confirmed. Raises `SecondFactorEnrolled`, and for an operator
    `EnrolmentCodeRequired` or `EnrolmentCodeWrong`.
    """
    person = command.person
    secret = secret_of(random(SECRET_BYTES))
    sealed = cipher.encrypt(secret, person.uid)

    def decide(state: SecurityState) -> Decision[SecurityState, None]:
        sign_in = signed_in(state, person, now)
        admin = admitted_by(sign_in.account, command.enrolment_code, now)
        factor = enrolled(state.factor, person.uid, sealed, now, admitted_by=admin)
        return Decision(SecurityState(sign_in.account, sign_in.session, factor), (), None)

    await security.change(person.uid, decide, session_id=person.session_id, with_factor=True)
    return Enrolment(secret, otpauth_uri(secret, person.email or person.phone or person.uid))


async def confirm_second_factor(
    command: ConfirmSecondFactor,
    *,
    security: SecurityStore,
    cipher: SecretCipher,
    random: RandomBytes,
    rules: SecondFactorRules,
    now: datetime,
) -> tuple[str, ...]:
    """Put the factor in force, give this session recent MFA, and return the recovery codes.

    The owner is notified. Raises `SecondFactorMissing`, `SecondFactorEnrolled`, `CodeWrong`,
    `SecondFactorLocked`, or `EnrolmentCodeRequired` for a user who became an operator since they enrolled.
    """
    person = command.person
    codes = recovery_codes(random(RECOVERY_CODES * RECOVERY_BYTES))

    def decide(state: SecurityState) -> Decision[SecurityState, DomainError | None]:
        factor = _unconfirmed(state.factor)
        sign_in = signed_in(state, person, now)
        attempt = attempted(factor, matched_code(factor, command.code, cipher, now), now, rules)
        if attempt.refusal:
            tried = SecurityState(sign_in.account, sign_in.session, attempt.factor)
            return Decision(tried, (), attempt.refusal)
        account = confirmed_account(sign_in.account, attempt.factor)
        confirmed = replace(attempt.factor, confirmed_at=now, recovery=hashes(person.uid, codes))
        session = with_recent_mfa(sign_in.session, now, rules)
        added = SecondFactorAdded(
            id=event_id(person.uid, SecondFactorAdded.name(), confirmed.created_at.isoformat()),
            at=now,
            actor=person.uid,
            user_id=person.uid,
        )
        return Decision(SecurityState(account, session, confirmed), (added,), None)

    refusal = await security.change(person.uid, decide, session_id=person.session_id, with_factor=True)
    if refusal:
        raise refusal
    return codes


def _unconfirmed(factor: SecondFactor | None) -> SecondFactor:
    """Return the factor that waits for its first code."""
    if factor is None:
        raise SecondFactorMissing
    if factor.confirmed_at:
        raise SecondFactorEnrolled
    return factor
