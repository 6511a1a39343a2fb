"""An authenticator app, for operators of the local stack: admin routes need a second factor."""

from __future__ import annotations

import pyotp

from emulators.city.api import Api


async def enrol(api: Api, enrolment_code: str) -> str:
    """Enrol a second factor for the caller, an operator with a one-time code, and return its secret.

    The confirming code also gives this session access to admin routes for ten minutes.
    """
    secret = str((await api.post("/me/second-factor", {"enrolment_code": enrolment_code}))["secret"])
    await api.post("/me/second-factor/confirm", {"code": pyotp.TOTP(secret).now()})
    return secret
