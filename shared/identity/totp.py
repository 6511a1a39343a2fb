"""One-time passwords as authenticator apps make them (RFC 6238: SHA-1, six digits, 30 seconds)."""

from __future__ import annotations

import base64
import hmac
from datetime import datetime

import pyotp

DIGITS = 6
STEP_SECONDS = 30
DRIFT_STEPS = 1
"""How many time steps a phone's clock may be off, either way."""

ISSUER = "Waybill"


def secret_of(random: bytes) -> str:
    """Return random bytes as the base-32 text that authenticator apps take."""
    return base64.b32encode(random).decode()


def matched_step(secret: str, code: str, at: datetime) -> int | None:
    """Return the time step around `at` that has this code; the latest, should two have it."""
    now = int(at.timestamp()) // STEP_SECONDS
    codes = pyotp.HOTP(secret)
    steps = range(now + DRIFT_STEPS, now - DRIFT_STEPS - 1, -1)
    return next((step for step in steps if hmac.compare_digest(codes.at(step), code)), None)


def otpauth_uri(secret: str, account: str) -> str:
    """Return the URI that authenticator apps read from a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=ISSUER)
