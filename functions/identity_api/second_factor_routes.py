"""The routes about the second factor: parse, authorise, one use case, map the result.

None takes an idempotency key: the stored answer would keep secrets that the API returns once.
"""

from __future__ import annotations

from typing import Annotated

from functions.identity_api.schemas import (
    CodeRequest,
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
from shared.identity import queries
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


@router.get("")
async def read(user: ActiveUser, ports: Ports) -> SecondFactorView:
    """Read whether you have a second factor, and how many recovery codes are left."""
    return SecondFactorView.of(await queries.second_factor_of(user, security=ports.security))


@router.post("", status_code=201)
async def enrol(user: ActiveUser, ports: Ports, now: Now) -> EnrolmentView:
    """Get the secret for an authenticator app; the app's first code confirms it. Repeat for a new secret."""
    enrolment = await enrol_second_factor(
        EnrolSecondFactor(user),
        security=ports.security,
        cipher=ports.cipher,
        random=ports.runtime.random_bytes,
        now=now,
    )
    return EnrolmentView.model_validate(enrolment)


@router.post("/confirm")
@limited(GUESSABLE)
async def confirm(body: CodeRequest, user: ActiveUser, ports: Ports, now: Now) -> RecoveryCodes:
    """Confirm the second factor by its first code, which gives this session recent MFA at once."""
    codes = await confirm_second_factor(
        ConfirmSecondFactor(user, body.code),
        security=ports.security,
        cipher=ports.cipher,
        random=ports.runtime.random_bytes,
        rules=ports.second_factor_rules,
        now=now,
    )
    return RecoveryCodes(recovery_codes=list(codes))


@router.post("/verify")
@limited(GUESSABLE)
async def verify(body: CodeRequest, user: ActiveUser, ports: Ports, now: Now) -> RecentMfaView:
    """Verify a code, which admits this session to payout, admin and emergency routes for ten minutes."""
    until = await verify_second_factor(
        VerifyCode(user, body.code),
        security=ports.security,
        cipher=ports.cipher,
        rules=ports.second_factor_rules,
        now=now,
    )
    return RecentMfaView(recent_mfa_until=until)


@router.post("/recovery-codes")
@limited(GUESSABLE)
async def renew(body: CodeRequest, user: ActiveUser, ports: Ports, now: Now) -> RecoveryCodes:
    """Replace your recovery codes; this takes a code."""
    codes = await renew_recovery_codes(
        VerifyCode(user, body.code),
        security=ports.security,
        cipher=ports.cipher,
        random=ports.runtime.random_bytes,
        rules=ports.second_factor_rules,
        now=now,
    )
    return RecoveryCodes(recovery_codes=list(codes))


@router.post("/disable", status_code=204)
@limited(GUESSABLE)
async def disable(body: CodeRequest, user: ActiveUser, ports: Ports, now: Now) -> None:
    """Remove your second factor; this takes a code."""
    await disable_second_factor(
        VerifyCode(user, body.code),
        security=ports.security,
        cipher=ports.cipher,
        rules=ports.second_factor_rules,
        now=now,
    )
