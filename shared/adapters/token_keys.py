"""The public keys that a token service signs with, fetched from its JWKS document and kept.

They are kept for as long as the answer's `Cache-Control: max-age` says. A key id that is not among
them is looked for once more, since keys rotate, but not more than once in `LOOK_AGAIN_S`: a stream of
invented ids must not become a stream of fetches.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import jwt

from shared.kernel.errors import Unavailable

TIMEOUT_S = 5
KEPT_S = 3_600
"""For how long keys are kept when the answer does not say."""

LONGEST_KEPT_S = 24 * 3_600
LOOK_AGAIN_S = 30
_MAX_AGE = re.compile(r"(?:^|[\s,])max-age=(\d{1,9})\b")


class KeyUnknown(Exception):
    """The token service signs with no such key."""


@dataclass(frozen=True, slots=True)
class KeySet:
    """A JWKS document as it was fetched, and for how many seconds it may be kept."""

    document: Mapping[str, object]
    max_age: float = KEPT_S


@dataclass(slots=True)
class TokenKeys:
    """The keys at one JWKS URL; `clock` gives seconds."""

    url: str
    fetch: Callable[[str], KeySet] = field(default=lambda url: fetch_keys(url))
    clock: Callable[[], float] = time.time
    _keys: dict[str, jwt.PyJWK] = field(default_factory=dict)
    _fresh_until: float = 0.0
    _look_again_at: float = 0.0
    _fetching: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def get(self, kid: str) -> jwt.PyJWK:
        """Return the key of this id. Raises `KeyUnknown`, or `Unavailable` when no keys can be had."""
        if (key := self._known(kid)) is not None:
            return key
        async with self._fetching:
            if self._known(kid) is None and self.clock() >= self._look_again_at:
                await self._refresh()
        if (key := self._known(kid)) is None:
            raise KeyUnknown
        return key

    def _known(self, kid: str) -> jwt.PyJWK | None:
        return self._keys.get(kid) if self.clock() < self._fresh_until else None

    async def _refresh(self) -> None:
        """Fetch the keys anew; a thread does it, since the fetch blocks."""
        try:
            found = await asyncio.to_thread(self.fetch, self.url)
            keys = jwt.PyJWKSet.from_dict(dict(found.document)).keys
        except (OSError, ValueError, jwt.PyJWTError) as error:
            raise Unavailable("The token service's keys cannot be fetched.") from error
        now = self.clock()
        self._keys = {key.key_id: key for key in keys if key.key_id}
        self._fresh_until = now + found.max_age
        self._look_again_at = now + min(LOOK_AGAIN_S, found.max_age)


def fetch_keys(url: str) -> KeySet:
    """Return the JWKS document at `url`; blocks. Raises `OSError` or `ValueError`."""
    with urllib.request.urlopen(url, timeout=TIMEOUT_S) as answer:  # noqa: S310 - the URL is a setting
        document = json.load(answer)
        age = _MAX_AGE.search(answer.headers.get("Cache-Control", "").lower())
    if not isinstance(document, dict):
        raise ValueError("a JWKS document is an object")
    return KeySet(document, min(float(age[1]), LONGEST_KEPT_S) if age else KEPT_S)
