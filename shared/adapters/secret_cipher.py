"""`SecretCipher`: AES-256-GCM under named keys, so that a new key takes over without an interruption."""

from __future__ import annotations

import base64
import binascii
import re
import secrets
from collections.abc import Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.identity.ports import DecryptionFailed

NONCE_BYTES = 12
_KEY = re.compile(r"([A-Za-z0-9_-]{1,32}):([0-9a-f]{64})")


def parse_keys(setting: str) -> dict[str, bytes]:
    """Return the keys of a setting `name:hex,name:hex`, the newest first. Raises `ValueError`."""
    found = [_KEY.fullmatch(part.strip()) for part in setting.split(",")]
    keys = {match[1]: bytes.fromhex(match[2]) for match in found if match}
    if not keys or len(keys) != len(found):
        raise ValueError("write the keys as name:hex,name:hex with 64 hex digits each, the newest first")
    return keys


class AesGcmCipher:
    """Encrypts with the first of its keys and decrypts with any.

    The text is `v1.<key>.<base64 of nonce and ciphertext>`. The owner is authenticated along with it, so that
    one user's secret cannot be moved into another user's document.
    """

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        self._ciphers = {name: AESGCM(key) for name, key in keys.items()}
        self._newest = next(iter(keys))

    def encrypt(self, plain: str, owner: str) -> str:
        """See `SecretCipher.encrypt`."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        box = nonce + self._ciphers[self._newest].encrypt(nonce, plain.encode(), owner.encode())
        return f"v1.{self._newest}.{base64.urlsafe_b64encode(box).decode()}"

    def decrypt(self, encrypted: str, owner: str) -> str:
        """See `SecretCipher.decrypt`."""
        try:
            version, name, text = encrypted.split(".")
            box = base64.b64decode(text, altchars=b"-_", validate=True)
            if version != "v1":
                raise ValueError("an unknown version of the format")
            plain = self._ciphers[name].decrypt(box[:NONCE_BYTES], box[NONCE_BYTES:], owner.encode())
        except (ValueError, KeyError, InvalidTag, binascii.Error) as error:
            raise DecryptionFailed from error
        return plain.decode()
