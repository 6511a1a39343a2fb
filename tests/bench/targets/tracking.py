"""`tracking_api` as it is, but for the keys that tokens are signed with."""

from __future__ import annotations

import os

from functions.tracking_api.main import app
from functions.tracking_api.main import tracking_api as tracking
from shared.adapters.firebase_auth import FirebaseTokens
from tests.bench.signer import PROJECT

TOKENS = FirebaseTokens(PROJECT, jwks_url=os.environ["JWKS_URL"])
app.state.tokens = lambda: TOKENS

__all__ = ["tracking"]
