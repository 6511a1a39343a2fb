"""The same key and request get the same answer again, and cause one effect."""

import hashlib
import json
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from emulators.providers.upi.errors import Answer
from emulators.providers.upi.refusals import other_request

KEPT_SECONDS = 24 * 3600


@dataclass(frozen=True, slots=True)
class _Kept:
    fingerprint: str
    answer: Answer
    kept_until: float


class AnswerLog:
    """The answers given under each key of each path, for 24 hours. Refusals are not kept."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, str], _Kept] = OrderedDict()

    def once(self, key: str, path: str, raw: bytes, now: float, produce: Callable[[], Answer]) -> Answer:
        """The first answer under this key. Raises GatewayError (409) when the body is another one."""
        self._forget_old(now)
        fingerprint = _fingerprint(raw)
        kept = self._kept.get((path, key))
        if kept is None:
            answer = produce()
            self._kept[path, key] = _Kept(fingerprint, answer, now + KEPT_SECONDS)
            return answer
        if kept.fingerprint != fingerprint:
            raise other_request()
        return kept.answer

    def _forget_old(self, now: float) -> None:
        while self._kept and next(iter(self._kept.values())).kept_until <= now:
            self._kept.popitem(last=False)


def _fingerprint(raw: bytes) -> str:
    canonical = json.dumps(json.loads(raw or b"{}"), sort_keys=True)
    return hashlib.sha256(canonical.encode()).hexdigest()
