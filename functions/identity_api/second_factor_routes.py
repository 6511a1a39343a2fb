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
from shared.identity import queries
from shared.identity.usecases.enrol_second_factor import (
    ConfirmSecondFactor,
    EnrolSecondFactor,
    confirm_second_factor,
    enrol_second_factor,
)
from shared.identity.usecases.step_up import ShowCode, disable_second_factor, renew_recovery_codes, step_up
from shared.kernel.clock import utc_now

router = api_router("/api/v1/me/second-factor", tags=["second factor"])


@router.get("")
async def read(user: ActiveUser) -> SecondFactorView:
    """Read whether you have a second factor, and how many recovery codes are left."""
    return SecondFactorView.of(await queries.second_factor_of(user, factors=wiring.second_factors()))


@router.post("", status_code=201)
async def enrol(user: ActiveUser) -> EnrolmentView:
    """Get the secret for an authenticator app, which the app's first code confirms; again, for a new one."""
    enrolment = await enrol_second_factor(
        EnrolSecondFactor(user),
        factors=wiring.second_factors(),
        vault=wiring.vault(),
        random=secrets.token_bytes,
        now=utc_now(),
    )
    return EnrolmentView.model_validate(enrolment)


@router.post("/confirm")
@limited(GUESSABLE)
async def confirm(body: CodeRequest, user: ActiveUser) -> RecoveryCodes:
    """Put the second factor in force by its first code, which counts for this session at once."""
    codes = await confirm_second_factor(
        ConfirmSecondFactor(user, body.code),
        factors=wiring.second_factors(),
        vault=wiring.vault(),
        random=secrets.token_bytes,
        now=utc_now(),
    )
    return RecoveryCodes(recovery_codes=list(codes))


@router.post("/verify")
@limited(GUESSABLE)
async def verify(body: CodeRequest, user: ActiveUser) -> SteppedUpView:
    """Show a code, which opens payout, admin and emergency routes to this session for ten minutes."""
    session = await step_up(
        ShowCode(user, body.code), factors=wiring.second_factors(), vault=wiring.vault(), now=utc_now()
    )
    return SteppedUpView.model_validate(session)


@router.post("/recovery-codes")
@limited(GUESSABLE)
async def renew(body: CodeRequest, user: ActiveUser) -> RecoveryCodes:
    """Replace your recovery codes by new ones, for a code."""
    codes = await renew_recovery_codes(
        ShowCode(user, body.code),
        factors=wiring.second_factors(),
        vault=wiring.vault(),
        random=secrets.token_bytes,
        now=utc_now(),
    )
    return RecoveryCodes(recovery_codes=list(codes))


@router.post("/disable", status_code=204)
@limited(GUESSABLE)
async def disable(body: CodeRequest, user: ActiveUser) -> None:
    """Remove your second factor, for a code."""
    await disable_second_factor(
        ShowCode(user, body.code), factors=wiring.second_factors(), vault=wiring.vault(), now=utc_now()
    )
