"""Idempotency: a repeated request with the same key gets the same answer and has one effect."""

import hashlib
import json
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from emulators.providers.upi.errors import Answer
from emulators.providers.upi.refusals import other_request

RETENTION_SECONDS = 24 * 3600


@dataclass(frozen=True, slots=True)
class _Stored:
    fingerprint: str
    answer: Answer
    expires_at: float


class AnswerLog:
    """The answers by path and key, for 24 hours. Errors are not stored."""

    def __init__(self) -> None:
        self._stored: OrderedDict[tuple[str, str], _Stored] = OrderedDict()

    def once(self, key: str, path: str, raw: bytes, now: float, produce: Callable[[], Answer]) -> Answer:
        """Return the first answer of this key. Raises GatewayError (409) for another body."""
        self._drop_expired(now)
        fingerprint = _fingerprint(raw)
        stored = self._stored.get((path, key))
        if stored is None:
            answer = produce()
            self._stored[path, key] = _Stored(fingerprint, answer, now + RETENTION_SECONDS)
            return answer
        if stored.fingerprint != fingerprint:
            raise other_request()
        return stored.answer

    def _drop_expired(self, now: float) -> None:
        while self._stored and next(iter(self._stored.values())).expires_at <= now:
            self._stored.popitem(last=False)


def _fingerprint(raw: bytes) -> str:
    canonical = json.dumps(json.loads(raw or b"{}"), sort_keys=True)
    return hashlib.sha256(canonical.encode()).hexdigest()
