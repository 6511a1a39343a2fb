"""`TokenVerifier` for Firebase ID tokens.

Checked as Firebase documents it: RS256 by a current key of the token service, issuer and audience of
this project, not expired, issued and authenticated in the past, a subject. The emulator signs
nothing: only where its host is configured is an unsigned token read, with all other checks.
"""

from __future__ import annotations

import asyncio
import re
import time
from typing import Any

import jwt

from shared.accounts.domain import Principal
from shared.kernel.errors import Unauthenticated, Unavailable

JWKS_URL = "https://www.googleapis.com/service_accounts/v1/jwk/securetoken@system.gserviceaccount.com"
LEEWAY_S = 60
KEYS_KEPT_S = 3_600
_UID = re.compile(r"(?!__)[A-Za-z0-9:_-]{1,128}")
"""Uids become parts of document paths; a custom token could name one that leads elsewhere."""

_REQUIRED = ["exp", "iat", "aud", "iss", "sub"]


class TokenInvalid(Unauthenticated):
    """The ID token is not valid; sign in again."""


class TokenExpired(Unauthenticated):
    """The ID token is over; refresh it."""


class FirebaseTokens:
    """See `accounts.ports.TokenVerifier`. Keys are fetched on first need and kept for an hour."""

    def __init__(self, project: str, emulator: str = "", jwks_url: str = JWKS_URL) -> None:
        self._project = project
        self._emulated = bool(emulator)
        self._keys = jwt.PyJWKClient(jwks_url, cache_jwk_set=True, lifespan=KEYS_KEPT_S, timeout=5)
        self._known: dict[str, tuple[jwt.PyJWK, float]] = {}

    async def verify(self, token: str) -> Principal:
        """See `TokenVerifier.verify`."""
        try:
            claims = self._unsigned(token) if self._emulated else await self._signed(token)
        except jwt.ExpiredSignatureError as error:
            raise TokenExpired from error
        except jwt.PyJWKClientConnectionError as error:
            raise Unavailable("The token service's keys cannot be fetched.") from error
        except (jwt.PyJWTError, ValueError) as error:
            raise TokenInvalid from error
        if not isinstance(claims["sub"], str) or not _UID.fullmatch(claims["sub"]):
            raise TokenInvalid
        return Principal(
            uid=claims["sub"],
            email=str(claims.get("email", "")),
            email_verified=claims.get("email_verified") is True,
            phone=str(claims.get("phone_number", "")),
            name=str(claims.get("name", "")),
        )

    async def _signed(self, token: str) -> dict[str, Any]:
        key = await self._key(str(jwt.get_unverified_header(token).get("kid", "")))
        return self._decoded(token, key, ["RS256"], verify=True)

    async def _key(self, kid: str) -> jwt.PyJWK:
        """Return a key of the token service; a thread fetches what is not known, since the client blocks."""
        key, until = self._known.get(kid, (None, 0.0))
        if key is None or time.monotonic() >= until:
            key = await asyncio.to_thread(self._keys.get_signing_key, kid)
            self._known[kid] = (key, time.monotonic() + KEYS_KEPT_S)
        return key

    def _unsigned(self, token: str) -> dict[str, Any]:
        if jwt.get_unverified_header(token).get("alg") != "none":
            raise jwt.InvalidAlgorithmError("the emulator's tokens are unsigned")
        return self._decoded(token, None, None, verify=False)

    def _decoded(self, token: str, key: Any, algorithms: list[str] | None, *, verify: bool) -> dict[str, Any]:
        options: Any = {"require": _REQUIRED, "verify_signature": verify}
        if not verify:
            # PyJWT turns all checks off with the signature; these stay on.
            options |= {"verify_exp": True, "verify_iat": True, "verify_aud": True, "verify_iss": True}
        return jwt.decode(
            token,
            key,
            algorithms=algorithms,
            audience=self._project,
            issuer=f"https://securetoken.google.com/{self._project}",
            leeway=LEEWAY_S,
            options=options,
        )
