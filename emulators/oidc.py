"""The identity provider of the stack: it signs the tokens that Google's services send to functions.

In production Cloud Tasks, Eventarc and Cloud Scheduler authenticate with an OIDC token of a service
account. Here one RSA key, generated at the start, takes the place of Google's.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from emulators.clock import Clock, SystemClock

TOKEN_LIFETIME = timedelta(minutes=5)
# A signature takes a millisecond: calls within this time share a token, as those of Google's services.
REUSE = timedelta(minutes=1)


class Signer:
    """Mints RS256 tokens and publishes the key that verifies them."""

    def __init__(self, issuer: str, clock: Clock | None = None) -> None:
        self.issuer = issuer
        self._clock = clock or SystemClock()
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self._public = RSAAlgorithm.to_jwk(self._key.public_key(), as_dict=True)
        self._key_id = hashlib.sha256(str(self._public["n"]).encode()).hexdigest()[:40]
        self._minted: dict[tuple[str, str], tuple[datetime, str]] = {}

    def mint(self, audience: str, email: str) -> str:
        """Return a token for `audience` for the service account `email`, valid for at least four minutes."""
        now = self._clock.now()
        minted_at, token = self._minted.get((audience, email), (None, ""))
        if minted_at is None or not timedelta() <= now - minted_at < REUSE:
            token = self._sign(audience, email, now)
            self._minted[audience, email] = (now, token)
        return token

    def bearer(self, audience: str, email: str) -> str:
        """Return the value of an Authorization header that carries a minted token."""
        return f"Bearer {self.mint(audience, email)}"

    def jwks(self) -> dict[str, Any]:
        """Return the public half of the key as a JSON Web Key Set (RFC 7517)."""
        key = {"kty": "RSA", "n": self._public["n"], "e": self._public["e"]}
        return {"keys": [key | {"alg": "RS256", "use": "sig", "kid": self._key_id}]}

    def _sign(self, audience: str, email: str, now: datetime) -> str:
        issued_at = int(now.timestamp())
        subject = _account_number(email)
        claims = {
            "iss": self.issuer,
            "aud": audience,
            "azp": subject,
            "sub": subject,
            "email": email,
            "email_verified": True,
            "iat": issued_at,
            "exp": issued_at + int(TOKEN_LIFETIME.total_seconds()),
        }
        return jwt.encode(claims, self._key, algorithm="RS256", headers={"kid": self._key_id})


def service_account(name: str, project: str) -> str:
    """Return the e-mail address of a project's service account."""
    return f"{name}@{project}.iam.gserviceaccount.com"


def _account_number(email: str) -> str:
    """Return a stable number of 21 digits, as Google identifies a service account."""
    return str(10**20 + int(hashlib.sha256(email.encode()).hexdigest(), 16) % 10**20)
