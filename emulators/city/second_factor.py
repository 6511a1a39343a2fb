"""An authenticator app: how an operator of the local stack gets past the admin routes' second factor."""

from __future__ import annotations

import pyotp

from emulators.city.api import Api


async def enrol(api: Api) -> str:
    """Enrol a second factor for who calls, and return its secret.

    The code that confirms it also opens admin routes to this session, for ten minutes.
    """
    secret = str((await api.post("/me/second-factor"))["secret"])
    await api.post("/me/second-factor/confirm", {"code": pyotp.TOTP(secret).now()})
    return secret
