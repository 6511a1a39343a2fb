"""`tracking_api` as it is, but for the keys that tokens are signed with."""

from __future__ import annotations

import os

from functions.tracking_api import wiring
from shared.adapters.firebase_auth import FirebaseTokens
from tests.bench.signer import PROJECT

TOKENS = FirebaseTokens(PROJECT, jwks_url=os.environ["JWKS_URL"])
setattr(wiring, "tokens", lambda: TOKENS)  # noqa: B010 - as the wiring's own function is cached

from functions.tracking_api.main import tracking_api as tracking  # noqa: E402 - it takes that verifier

__all__ = ["tracking"]
