"""A user verifies a code of their second factor, which admits their session to sensitive routes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from shared.identity.domain import SecondFactor, SecurityState, SignIn
from shared.identity.enrolment_codes import OperatorNeedsSecondFactor, is_operator
from shared.identity.events import SecondFactorRemoved
from shared.identity.ports import SecretCipher, SecurityStore
from shared.identity.second_factor import (
    RECOVERY_BYTES,
    RECOVERY_CODES,
    MatchedCode,
    SecondFactorRules,
    attempted,
    demand_factor,
    hashes,
    recovery_codes,
    recovery_hash,
    with_recent_mfa,
)
from shared.identity.sessions import signed_in
from shared.identity.totp import DIGITS, matched_step
from shared.kernel.actor import Principal
from shared.kernel.decision import Decision
from shared.kernel.errors import DomainError
from shared.kernel.event import Event, event_id

Allowance = tuple[SecurityState, Sequence[Event]]
"""What a right code changes (the account, the session and the factor), and the events of it."""

Allowed = Callable[[SignIn, SecondFactor], Allowance]


@dataclass(frozen=True, slots=True)
class VerifyCode:
    """The user, and a code of their authenticator app or a recovery code."""

    person: Principal
    code: str


async def verify_second_factor(
    command: VerifyCode,
    *,
    security: SecurityStore,
    cipher: SecretCipher,
    rules: SecondFactorRules,
    now: datetime,
) -> datetime:
    """Give this session recent MFA, and return until when it lasts.

    Of two requests with the same code one succeeds. Raises `SecondFactorMissing`,
    `SecondFactorUnconfirmed`, `CodeWrong`, `CodeAlreadyUsed` or `SecondFactorLocked`.
    """

    def verify(sign_in: SignIn, factor: SecondFactor) -> Allowance:
        return SecurityState(sign_in.account, with_recent_mfa(sign_in.session, now, rules), factor), ()

    await _with_code(command, verify, security, cipher, rules, now)
    return now + rules.recent_mfa


async def renew_recovery_codes(
    command: VerifyCode,
    *,
    security: SecurityStore,
    cipher: SecretCipher,
    random: Callable[[int], bytes],
    rules: SecondFactorRules,
    now: datetime,
) -> tuple[str, ...]:
    """Replace the recovery codes and return the new ones; the errors are those of `verify_second_factor`."""
    codes = recovery_codes(random(RECOVERY_CODES * RECOVERY_BYTES))

    def renew(sign_in: SignIn, factor: SecondFactor) -> Allowance:
        renewed = replace(factor, recovery=hashes(factor.uid, codes))
        return SecurityState(sign_in.account, sign_in.session, renewed), ()

    await _with_code(command, renew, security, cipher, rules, now)
    return codes


async def disable_second_factor(
    command: VerifyCode,
    *,
    security: SecurityStore,
    cipher: SecretCipher,
    rules: SecondFactorRules,
    now: datetime,
) -> None:
    """Remove the factor; the owner is notified.

    The errors are those of `verify_second_factor`, and `OperatorNeedsSecondFactor`.
    """

    def remove(sign_in: SignIn, factor: SecondFactor) -> Allowance:
        if is_operator(sign_in.account):
            raise OperatorNeedsSecondFactor
        account = replace(sign_in.account, second_factor=False)
        removed = SecondFactorRemoved(
            id=event_id(factor.uid, SecondFactorRemoved.name(), factor.created_at.isoformat()),
            at=now,
            actor=factor.uid,
            user_id=factor.uid,
        )
        session = replace(sign_in.session, recent_mfa_until=None)
        return SecurityState(account, session, factor=None), (removed,)

    await _with_code(command, remove, security, cipher, rules, now)


def matched_code(factor: SecondFactor, code: str, cipher: SecretCipher, now: datetime) -> MatchedCode:
    """Return what a code matches: a time step of the app, a recovery code, or neither."""
    if len(code) != DIGITS:
        return MatchedCode(recovery=recovery_hash(factor.uid, code))
    return MatchedCode(step=matched_step(cipher.decrypt(factor.secret, factor.uid), code, now))


async def _with_code(
    command: VerifyCode,
    allowed: Allowed,
    security: SecurityStore,
    cipher: SecretCipher,
    rules: SecondFactorRules,
    now: datetime,
) -> None:
    """Store what a right code allows. A wrong code is stored as well, or guesses would not count."""
    person = command.person

    def decide(state: SecurityState) -> Decision[SecurityState, DomainError | None]:
        factor = demand_factor(state.factor)
        sign_in = signed_in(state, person, now)
        attempt = attempted(factor, matched_code(factor, command.code, cipher, now), now, rules)
        if attempt.refusal:
            tried = SecurityState(sign_in.account, sign_in.session, attempt.factor)
            return Decision(tried, (), attempt.refusal)
        after, events = allowed(sign_in, attempt.factor)
        return Decision(after, events, None)

    refusal = await security.change(person.uid, decide, session_id=person.session_id, with_factor=True)
    if refusal:
        raise refusal
