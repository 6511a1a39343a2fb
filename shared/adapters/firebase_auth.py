"""`TokenVerifier` for Firebase ID tokens.

The checks are those that Firebase documents: RS256 by a current key of the token service, issuer and audience
of this project, not expired, issued and authenticated in the past, a subject. The emulator signs nothing:
only if its host is configured, an unsigned token is accepted, with all other checks.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any

import jwt

from shared.jwks import KeySet, KeyUnknown, SigningKeys, fetch_keys
from shared.kernel.access import TokenExpired, TokenInvalid
from shared.kernel.actor import Principal
from shared.kernel.text import foreign_line, foreign_phone

JWKS_URL = "https://www.googleapis.com/service_accounts/v1/jwk/securetoken@system.gserviceaccount.com"
LEEWAY_S = 60
VERIFIED_FOR_S = 300
"""How long a verified token is cached, within its own lifetime."""

MAX_VERIFIED = 4_096
"""The size of the cache of verified tokens; the least recently used one is removed first."""

MAX_TOKEN = 8_192
"""The maximum length of a token; real tokens have about a thousand characters."""

MAX_NAME = 200
"""The maximum length of a name; a client can put any text into the name of its own token."""

_UID = re.compile(r"(?!__)[A-Za-z0-9:_-]{1,128}")
"""The form of a uid. Uids become parts of document paths, and a custom token can hold any text."""

_REQUIRED = ["exp", "iat", "aud", "iss", "sub", "auth_time"]


class FirebaseTokens:
    """See `accounts.ports.TokenVerifier`.

    A verified token is cached by its hash, so that the next requests of an app need no signature check. This
    hides no revocation: sensitive routes read the account status of the user.
    """

    def __init__(
        self,
        project: str,
        emulator: str = "",
        jwks_url: str = JWKS_URL,
        *,
        fetch: Callable[[str], KeySet] = fetch_keys,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._project = project
        self._emulated = bool(emulator)
        self._keys = SigningKeys(jwks_url, fetch, clock)
        self._clock = clock
        self._verified: OrderedDict[bytes, tuple[Principal, float]] = OrderedDict()

    async def verify(self, token: str) -> Principal:
        """See `TokenVerifier.verify`."""
        if len(token) > MAX_TOKEN:
            raise TokenInvalid
        digest = hashlib.sha256(token.encode()).digest()
        person, until = self._verified.get(digest, (None, 0.0))
        if person is not None and self._clock() < until:
            self._verified.move_to_end(digest)
            return person
        claims = await self._claims(token)
        person = _person(claims)
        self._remember(digest, person, float(claims["exp"]))
        return person

    def _remember(self, digest: bytes, person: Principal, expires: float) -> None:
        self._verified[digest] = (person, min(expires, self._clock() + VERIFIED_FOR_S))
        self._verified.move_to_end(digest)
        while len(self._verified) > MAX_VERIFIED:
            self._verified.popitem(last=False)

    async def _claims(self, token: str) -> dict[str, Any]:
        try:
            claims = self._unsigned(token) if self._emulated else await self._signed(token)
            self._check_sign_in(claims["auth_time"])
        except jwt.ExpiredSignatureError as error:
            raise TokenExpired from error
        except (jwt.PyJWTError, KeyUnknown, ValueError, OverflowError) as error:
            raise TokenInvalid from error
        return claims

    def _check_sign_in(self, auth_time: object) -> None:
        """Check that the sign-in is in the past; the library does not know this claim of Firebase."""
        if type(auth_time) is not int or not 0 < auth_time <= self._clock() + LEEWAY_S:
            raise jwt.ImmatureSignatureError("the sign-in is in the future, or is no time")

    async def _signed(self, token: str) -> dict[str, Any]:
        key = await self._keys.get(str(jwt.get_unverified_header(token).get("kid", "")))
        return self._decoded(token, key, ["RS256"], verify=True)

    def _unsigned(self, token: str) -> dict[str, Any]:
        if jwt.get_unverified_header(token).get("alg") != "none":
            raise jwt.InvalidAlgorithmError("the emulator's tokens are unsigned")
        return self._decoded(token, None, None, verify=False)

    def _decoded(self, token: str, key: Any, algorithms: list[str] | None, *, verify: bool) -> dict[str, Any]:
        options: Any = {"require": _REQUIRED, "verify_signature": verify}
        if not verify:
            # PyJWT disables all checks together with the signature; these are enabled again.
            options |= {f"verify_{claim}": True for claim in ("exp", "iat", "nbf", "aud", "iss")}
        return jwt.decode(
            token,
            key,
            algorithms=algorithms,
            audience=self._project,
            issuer=f"https://securetoken.google.com/{self._project}",
            leeway=LEEWAY_S,
            options=options,
        )


def _person(claims: Mapping[str, Any]) -> Principal:
    """Return the user of verified claims. Raises `TokenInvalid` for a malformed uid."""
    if not isinstance(claims["sub"], str) or not _UID.fullmatch(claims["sub"]):
        raise TokenInvalid
    firebase = claims.get("firebase")
    sign_in = firebase if isinstance(firebase, dict) else {}
    identities = sign_in.get("identities")
    return Principal(
        uid=claims["sub"],
        email=str(claims.get("email", "")),
        email_verified=claims.get("email_verified") is True,
        phone=foreign_phone(str(claims.get("phone_number", ""))),
        name=foreign_line(str(claims.get("name", "")), MAX_NAME),
        auth_time=claims["auth_time"],
        provider=str(sign_in.get("sign_in_provider", "")),
        providers=tuple(sorted(map(str, identities))) if isinstance(identities, dict) else (),
    )
