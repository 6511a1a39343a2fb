"""The routes about the second factor: parse, authorise, one use case, map the result.

None takes an idempotency key: a record of the answer would keep what is to be shown once.
"""

from __future__ import annotations

import secrets

from functions.identity_api import wiring
from functions.identity_api.schemas import (
    CodeRequest,
    EnrolmentView,
    RecoveryCodes,
    SecondFactorView,
    SteppedUpView,
)
from shared.edge.app import api_router
from shared.edge.auth import ActiveUser
from shared.edge.ratelimit import GUESSABLE, limited
from shared.edge.refusals import refuses
from shared.identity import queries
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
from shared.identity.usecases.step_up import ShowCode, disable_second_factor, renew_recovery_codes, step_up
from shared.kernel.clock import utc_now

router = api_router("/api/v1/me/second-factor", tags=["second factor"])


@router.get("", operation_id="getSecondFactor")
async def read(user: ActiveUser) -> SecondFactorView:
    """Get the state of your second factor.

    Says whether a factor is active and how many recovery codes are left.
    """
    return SecondFactorView.of(await queries.second_factor_of(user, factors=wiring.second_factors()))


@router.post("", operation_id="enrolSecondFactor", status_code=201)
@refuses(SecondFactorEnrolled)
async def enrol(user: ActiveUser) -> EnrolmentView:
    """Start to enrol a second factor.

    Returns the secret for an authenticator app. The factor becomes active with its first code; until then
    another call returns a new secret.
    """
    enrolment = await enrol_second_factor(
        EnrolSecondFactor(user),
        factors=wiring.second_factors(),
        vault=wiring.vault(),
        random=secrets.token_bytes,
        now=utc_now(),
    )
    return EnrolmentView.model_validate(enrolment)


@router.post("/confirm", operation_id="confirmSecondFactor")
@limited(GUESSABLE)
@refuses(CodeWrong, SecondFactorEnrolled, SecondFactorMissing)
async def confirm(body: CodeRequest, user: ActiveUser) -> RecoveryCodes:
    """Activate your second factor.

    Needs the first code of the authenticator app. The code also counts as a verification for this session.
    """
    codes = await confirm_second_factor(
        ConfirmSecondFactor(user, body.code),
        factors=wiring.second_factors(),
        vault=wiring.vault(),
        random=secrets.token_bytes,
        now=utc_now(),
    )
    return RecoveryCodes(recovery_codes=list(codes))


@router.post("/verify", operation_id="verifySecondFactor")
@limited(GUESSABLE)
@refuses(CodeAlreadyUsed, CodeWrong, SecondFactorLocked, SecondFactorMissing, SecondFactorUnconfirmed)
async def verify(body: CodeRequest, user: ActiveUser) -> SteppedUpView:
    """Verify a code of your second factor.

    Opens payout, admin and emergency operations to this session for ten minutes.
    """
    session = await step_up(
        ShowCode(user, body.code), factors=wiring.second_factors(), vault=wiring.vault(), now=utc_now()
    )
    return SteppedUpView.model_validate(session)


@router.post("/recovery-codes", operation_id="renewRecoveryCodes")
@limited(GUESSABLE)
@refuses(CodeWrong, SecondFactorMissing)
async def renew(body: CodeRequest, user: ActiveUser) -> RecoveryCodes:
    """Replace your recovery codes.

    Needs a code. The old recovery codes end at once.
    """
    codes = await renew_recovery_codes(
        ShowCode(user, body.code),
        factors=wiring.second_factors(),
        vault=wiring.vault(),
        random=secrets.token_bytes,
        now=utc_now(),
    )
    return RecoveryCodes(recovery_codes=list(codes))


@router.post("/disable", operation_id="disableSecondFactor", status_code=204)
@limited(GUESSABLE)
@refuses(CodeWrong, SecondFactorMissing)
async def disable(body: CodeRequest, user: ActiveUser) -> None:
    """Disable your second factor.

    Needs a code.
    """
    await disable_second_factor(
        ShowCode(user, body.code), factors=wiring.second_factors(), vault=wiring.vault(), now=utc_now()
    )
