"""The routes about the second factor: parse, authorise, one use case, map the result.

None takes an idempotency key: the stored answer would keep secrets that the API returns once.
"""

from __future__ import annotations

from typing import Annotated

from functions.identity_api.schemas import (
    CodeRequest,
    EnrolmentRequest,
    EnrolmentView,
    RecentMfaView,
    RecoveryCodes,
    SecondFactorView,
)
from shared.composition.identity import IdentityPorts
from shared.edge.app import api_router
from shared.edge.auth import ActiveUser
from shared.edge.provided import PORTS, Now
from shared.edge.ratelimit import GUESSABLE, limited
from shared.edge.refusals import refuses
from shared.identity import queries
from shared.identity.enrolment_codes import (
    EnrolmentCodeRequired,
    EnrolmentCodeWrong,
    OperatorNeedsSecondFactor,
)
from shared.identity.second_factor import (
    CodeAlreadyUsed,
    CodeWrong,
    SecondFactorEnrolled,
    SecondFactorLocked,
    SecondFactorMissing,
    SecondFactorUnconfirmed,
)
from shared.identity.usecases.enrol_second_factor import (
    ConfirmSecondFactor,
    EnrolSecondFactor,
    confirm_second_factor,
    enrol_second_factor,
)
from shared.identity.usecases.verify_second_factor import (
    VerifyCode,
    disable_second_factor,
    renew_recovery_codes,
    verify_second_factor,
)

Ports = Annotated[IdentityPorts, PORTS]

router = api_router("/api/v1/me/second-factor", tags=["second factor"])


@router.get("", operation_id="getSecondFactor")
async def read(user: ActiveUser, ports: Ports) -> SecondFactorView:
    """Get the state of your second factor.

    Says whether a factor is active and how many recovery codes are left.
    """
    return SecondFactorView.of(await queries.second_factor_of(user, security=ports.security))


@router.post("", operation_id="enrolSecondFactor", status_code=201)
@limited(GUESSABLE)
@refuses(EnrolmentCodeRequired, EnrolmentCodeWrong, SecondFactorEnrolled)
async def enrol(
    user: ActiveUser, ports: Ports, now: Now, body: EnrolmentRequest | None = None
) -> EnrolmentView:
    """Start to enrol a second factor.

    Returns the secret for an authenticator app. The factor becomes active with its first code; until then
    another call returns a new secret. An operator sends the `enrolment_code` that an admin gave them.
    """
    enrolment = await enrol_second_factor(
        EnrolSecondFactor(user, (body and body.enrolment_code) or ""),
        security=ports.security,
        cipher=ports.cipher,
        random=ports.runtime.random_bytes,
        now=now,
    )
    return EnrolmentView.model_validate(enrolment)


@router.post("/confirm", operation_id="confirmSecondFactor")
@limited(GUESSABLE)
@refuses(CodeWrong, EnrolmentCodeRequired, SecondFactorEnrolled, SecondFactorMissing)
async def confirm(body: CodeRequest, user: ActiveUser, ports: Ports, now: Now) -> RecoveryCodes:
    """Activate your second factor.

    Needs the first code of the authenticator app. The code also counts as a verification for this session.
    """
    codes = await confirm_second_factor(
        ConfirmSecondFactor(user, body.code),
        security=ports.security,
        cipher=ports.cipher,
        random=ports.runtime.random_bytes,
        rules=ports.second_factor_rules,
        now=now,
    )
    return RecoveryCodes(recovery_codes=list(codes))


@router.post("/verify", operation_id="verifySecondFactor")
@limited(GUESSABLE)
@refuses(CodeAlreadyUsed, CodeWrong, SecondFactorLocked, SecondFactorMissing, SecondFactorUnconfirmed)
async def verify(body: CodeRequest, user: ActiveUser, ports: Ports, now: Now) -> RecentMfaView:
    """Verify a code of your second factor.

    Opens payout, admin and emergency operations to this session for ten minutes.
    """
    until = await verify_second_factor(
        VerifyCode(user, body.code),
        security=ports.security,
        cipher=ports.cipher,
        rules=ports.second_factor_rules,
        now=now,
    )
    return RecentMfaView(recent_mfa_until=until)


@router.post("/recovery-codes", operation_id="renewRecoveryCodes")
@limited(GUESSABLE)
@refuses(CodeWrong, SecondFactorMissing, SecondFactorUnconfirmed)
async def renew(body: CodeRequest, user: ActiveUser, ports: Ports, now: Now) -> RecoveryCodes:
    """Replace your recovery codes.

    Needs a code. The old recovery codes end at once.
    """
    codes = await renew_recovery_codes(
        VerifyCode(user, body.code),
        security=ports.security,
        cipher=ports.cipher,
        random=ports.runtime.random_bytes,
        rules=ports.second_factor_rules,
        now=now,
    )
    return RecoveryCodes(recovery_codes=list(codes))


@router.post("/disable", operation_id="disableSecondFactor", status_code=204)
@limited(GUESSABLE)
@refuses(CodeWrong, OperatorNeedsSecondFactor, SecondFactorMissing, SecondFactorUnconfirmed)
async def disable(body: CodeRequest, user: ActiveUser, ports: Ports, now: Now) -> None:
    """Disable your second factor.

    Needs a code. An operator keeps theirs.
    """
    await disable_second_factor(
        VerifyCode(user, body.code),
        security=ports.security,
        cipher=ports.cipher,
        rules=ports.second_factor_rules,
        now=now,
    )
