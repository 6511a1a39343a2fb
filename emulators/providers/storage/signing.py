"""Signed URLs (V4): the check that Cloud Storage makes, and the key that signs them.

The check is written from the documentation and shares no code with the library that signs.
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
MAX_LIFETIME = timedelta(days=7)
SKEW = timedelta(minutes=15)
REQUIRED = ("X-Goog-Credential", "X-Goog-Date", "X-Goog-Expires", "X-Goog-SignedHeaders", "X-Goog-Signature")


@dataclass(frozen=True, slots=True)
class Refusal(Exception):
    """The request is refused, with the status, code and message of Cloud Storage."""

    status: int
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """A received request: the path undecoded, the names of the headers in lower case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]


class SigningKey:
    """The key of all service accounts of the emulator, generated at the start."""

    def __init__(self) -> None:
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    def sign(self, message: bytes) -> bytes:
        """Return the signature: RSASSA-PKCS1-v1_5 with SHA-256."""
        return self._key.sign(message, padding.PKCS1v15(), hashes.SHA256())

    def verify(self, signature: bytes, message: bytes) -> None:
        """Raise `Refusal` unless the signature is valid for the message."""
        try:
            self._key.public_key().verify(signature, message, padding.PKCS1v15(), hashes.SHA256())
        except InvalidSignature:
            raise Refusal(403, "SignatureDoesNotMatch", "The signature is not this request's.") from None


def check_signature(request: SignedRequest, key: SigningKey, now: datetime) -> None:
    """Raise `Refusal` unless the URL was signed for this request and has not expired."""
    pairs = [part.partition("=")[::2] for part in request.query.split("&") if part]
    query = {unquote_plus(name): unquote_plus(value) for name, value in pairs}
    if len(query) != len(pairs) or any(not query.get(name) for name in REQUIRED):
        raise Refusal(403, "AccessDenied", "Anonymous callers have no access.")
    if query.get("X-Goog-Algorithm") != ALGORITHM:
        raise Refusal(400, "InvalidArgument", "Unknown algorithm.")
    _check_time(query, now)
    signed = query["X-Goog-SignedHeaders"].split(";")
    unsigned = {name for name in request.headers if name.startswith("x-goog-")} - {*signed}
    if "host" not in signed or unsigned:
        raise Refusal(403, "AccessDenied", "Headers of this request were not signed.")
    scope = query["X-Goog-Credential"].partition("/")[2]
    digest = hashlib.sha256(_canonical(request, query, signed).encode()).hexdigest()
    message = "\n".join((ALGORITHM, query["X-Goog-Date"], scope, digest))
    if not re.fullmatch(r"[0-9a-f]+", query["X-Goog-Signature"]) or len(query["X-Goog-Signature"]) % 2:
        raise Refusal(403, "SignatureDoesNotMatch", "The signature is not hexadecimal.")
    key.verify(bytes.fromhex(query["X-Goog-Signature"]), message.encode())


def _check_time(query: Mapping[str, str], now: datetime) -> None:
    """Raise `Refusal` unless the URL is valid at this time."""
    try:
        signed_at = datetime.strptime(query["X-Goog-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        lifetime = timedelta(seconds=int(query["X-Goog-Expires"]))
    except (ValueError, OverflowError):
        raise Refusal(400, "InvalidArgument", "The date or the lifetime cannot be read.") from None
    scope = f"/{signed_at:%Y%m%d}/auto/storage/goog4_request"
    if not timedelta() < lifetime <= MAX_LIFETIME or not query["X-Goog-Credential"].endswith(scope):
        raise Refusal(400, "InvalidArgument", "The lifetime or the scope is out of bounds.")
    if now < signed_at - SKEW:
        raise Refusal(403, "AccessDenied", "The URL is from the future.")
    if now >= signed_at + lifetime:
        raise Refusal(400, "ExpiredToken", "The URL has expired.")


def _canonical(request: SignedRequest, query: Mapping[str, str], signed: list[str]) -> str:
    rest = sorted((name, value) for name, value in query.items() if name != "X-Goog-Signature")
    canonical_query = "&".join(f"{quote(name, safe='~')}={quote(value, safe='~')}" for name, value in rest)
    headers = "".join(f"{name}:{' '.join(request.headers.get(name, '').split())}\n" for name in signed)
    payload = request.headers.get("x-goog-content-sha256", "UNSIGNED-PAYLOAD")
    return "\n".join((request.method, request.path, canonical_query, headers, ";".join(signed), payload))
