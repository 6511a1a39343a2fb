"""Signed URLs (V4), checked as Cloud Storage does, and the key that signs them.

The check is written from the documentation and shares nothing with the library that signs.
Reference: https://cloud.google.com/storage/docs/authentication/canonical-requests
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, unquote_plus

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

ALGORITHM = "GOOG4-RSA-SHA256"
LONGEST = timedelta(days=7)
SKEW = timedelta(minutes=15)
NEEDED = ("X-Goog-Credential", "X-Goog-Date", "X-Goog-Expires", "X-Goog-SignedHeaders", "X-Goog-Signature")


@dataclass(frozen=True, slots=True)
class Refusal(Exception):
    """The request is not let in: the status and code that Cloud Storage gives, and why."""

    status: int
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it came: the path undecoded, the names of the headers in lower case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]


class SigningKey:
    """The key of all service accounts here, made at start."""

    def __init__(self) -> None:
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    def sign(self, message: bytes) -> bytes:
        """Return the signature: RSASSA-PKCS1-v1_5 with SHA-256."""
        return self._key.sign(message, padding.PKCS1v15(), hashes.SHA256())

    def demand(self, signature: bytes, message: bytes) -> None:
        """Return if the signature is this key's. Raises `Refusal`."""
        try:
            self._key.public_key().verify(signature, message, padding.PKCS1v15(), hashes.SHA256())
        except InvalidSignature:
            raise Refusal(403, "SignatureDoesNotMatch", "The signature is not this request's.") from None


def demand_signed(asked: Asked, key: SigningKey, now: datetime) -> None:
    """Return if the URL was signed for this very request and is still good. Raises `Refusal`."""
    pairs = [part.partition("=")[::2] for part in asked.query.split("&") if part]
    query = {unquote_plus(name): unquote_plus(value) for name, value in pairs}
    if len(query) != len(pairs) or any(not query.get(name) for name in NEEDED):
        raise Refusal(403, "AccessDenied", "Anonymous callers have no access.")
    if query.get("X-Goog-Algorithm") != ALGORITHM:
        raise Refusal(400, "InvalidArgument", "Unknown algorithm.")
    _demand_time(query, now)
    signed = query["X-Goog-SignedHeaders"].split(";")
    unsigned = {name for name in asked.headers if name.startswith("x-goog-")} - {*signed}
    if "host" not in signed or unsigned:
        raise Refusal(403, "AccessDenied", "Headers of this request were not signed.")
    scope = query["X-Goog-Credential"].partition("/")[2]
    digest = hashlib.sha256(_canonical(asked, query, signed).encode()).hexdigest()
    message = "\n".join((ALGORITHM, query["X-Goog-Date"], scope, digest))
    if not re.fullmatch(r"[0-9a-f]+", query["X-Goog-Signature"]) or len(query["X-Goog-Signature"]) % 2:
        raise Refusal(403, "SignatureDoesNotMatch", "The signature is none.")
    key.demand(bytes.fromhex(query["X-Goog-Signature"]), message.encode())


def _demand_time(query: Mapping[str, str], now: datetime) -> None:
    """Return if the URL's time has come and is not over."""
    try:
        signed_at = datetime.strptime(query["X-Goog-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        lifetime = timedelta(seconds=int(query["X-Goog-Expires"]))
    except (ValueError, OverflowError):
        raise Refusal(400, "InvalidArgument", "The date or the lifetime cannot be read.") from None
    scope = f"/{signed_at:%Y%m%d}/auto/storage/goog4_request"
    if not timedelta() < lifetime <= LONGEST or not query["X-Goog-Credential"].endswith(scope):
        raise Refusal(400, "InvalidArgument", "The lifetime or the scope is out of bounds.")
    if now < signed_at - SKEW:
        raise Refusal(403, "AccessDenied", "The URL is from the future.")
    if now >= signed_at + lifetime:
        raise Refusal(400, "ExpiredToken", "The URL has expired.")


def _canonical(asked: Asked, query: Mapping[str, str], signed: list[str]) -> str:
    rest = sorted((name, value) for name, value in query.items() if name != "X-Goog-Signature")
    question = "&".join(f"{quote(name, safe='~')}={quote(value, safe='~')}" for name, value in rest)
    headers = "".join(f"{name}:{' '.join(asked.headers.get(name, '').split())}\n" for name in signed)
    payload = asked.headers.get("x-goog-content-sha256", "UNSIGNED-PAYLOAD")
    return "\n".join((asked.method, asked.path, question, headers, ";".join(signed), payload))
