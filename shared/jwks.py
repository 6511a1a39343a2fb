"""A cache of the public keys of a token service, fetched from its JWKS document.

The keys are cached for `Cache-Control: max-age` of the answer. For an unknown key id the cache fetches the
document again, because keys rotate, but at most once in `REFETCH_AFTER_S`, so that forged key ids cannot
cause many fetches. While the token service cannot be reached, the keys that were cached last stay in use for
at most `LONGEST_STALE_S`: a key is announced and withdrawn days ahead, and an outage of the service must not
end ours.

The module is outside the layers, because the edge (tokens of the platform) and the adapters (ID tokens of
Firebase) need it and may not import each other.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
import time
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import jwt

from shared.kernel.errors import Unavailable

TIMEOUT_S = 5
DEFAULT_MAX_AGE_S = 3_600
"""How long keys are cached when the answer has no `max-age`."""

LONGEST_MAX_AGE_S = 24 * 3_600
REFETCH_AFTER_S = 30
RETRY_AFTER_S = 5
"""How long stale keys serve after a failed fetch before the next one: each may hang for `TIMEOUT_S`."""

LONGEST_STALE_S = 24 * 3_600
log = logging.getLogger(__name__)
_MAX_AGE = re.compile(r"(?:^|[\s,])max-age=(\d{1,9})\b")


class KeyUnknown(Exception):
    """The token service has no key with this id."""


@dataclass(frozen=True, slots=True)
class KeySet:
    """A fetched JWKS document, and the seconds for which it may be cached."""

    document: Mapping[str, object]
    max_age: float = DEFAULT_MAX_AGE_S


@dataclass(slots=True)
class SigningKeys:
    """The cached keys of one JWKS URL; `clock` returns seconds."""

    url: str
    fetch: Callable[[str], KeySet] = field(default=lambda url: fetch_keys(url))
    clock: Callable[[], float] = time.time
    _keys: dict[str, jwt.PyJWK] = field(default_factory=dict)
    _fresh_until: float = 0.0
    _failing: bool = False
    _refetch_at: float = 0.0
    _fetching: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def get(self, kid: str) -> jwt.PyJWK:
        """Return the key of this id, a stale one while the keys cannot be fetched.

        Raises `KeyUnknown`, or `Unavailable` when the fetch fails and no stale key has this id.
        """
        if (key := self._known(kid)) is not None:
            return key
        async with self._fetching:
            if self._known(kid) is None and self.clock() >= self._refetch_at:
                await self._refresh()
        usable = self._usable_keys()
        if kid not in usable and self._failing:
            raise Unavailable("The keys of the token service cannot be fetched.")
        if kid not in usable:
            raise KeyUnknown
        return usable[kid]

    def _known(self, kid: str) -> jwt.PyJWK | None:
        return self._keys.get(kid) if self.clock() < self._fresh_until else None

    def _usable_keys(self) -> dict[str, jwt.PyJWK]:
        """Return the fresh keys or, while they cannot be fetched, those that are stale and not too old."""
        longest = LONGEST_STALE_S if self._failing else 0
        return self._keys if self.clock() < self._fresh_until + longest else {}

    async def _refresh(self) -> None:
        """Fetch the keys again, in a thread, because the fetch blocks; a failure leaves them as they are."""
        try:
            found = await asyncio.to_thread(self.fetch, self.url)
            keys = jwt.PyJWKSet.from_dict(dict(found.document)).keys
        except (OSError, ValueError, jwt.PyJWTError) as error:
            log.warning("signing_keys_unavailable", extra={"error": type(error).__name__})
            self._failing = True
            self._refetch_at = self.clock() + (RETRY_AFTER_S if self._usable_keys() else 0)
            return
        now, self._failing = self.clock(), False
        self._keys = {key.key_id: key for key in keys if key.key_id}
        self._fresh_until = now + found.max_age
        self._refetch_at = now + min(REFETCH_AFTER_S, found.max_age)


def fetch_keys(url: str) -> KeySet:
    """Return the JWKS document at `url`; blocks. Raises `OSError` or `ValueError`."""
    with urllib.request.urlopen(url, timeout=TIMEOUT_S) as answer:  # noqa: S310 - the URL is a setting
        document = json.load(answer)
        age = _MAX_AGE.search(answer.headers.get("Cache-Control", "").lower())
    if not isinstance(document, dict):
        raise ValueError("a JWKS document is an object")
    return KeySet(document, min(float(age[1]), LONGEST_MAX_AGE_S) if age else DEFAULT_MAX_AGE_S)
