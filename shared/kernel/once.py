"""One effect per request: what a store needs to make a change at most once for an idempotency key.

The record of the key rides in the same commit as the effect, so there is no moment in which one
exists without the other (see infra/adr/0001).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from shared.kernel.errors import Invalid

KEPT = timedelta(hours=24)


class IdempotencyKeyReused(Invalid):
    """This idempotency key was used before with another request."""

    code = "IDEMPOTENCY_KEY_REUSED"
    detail = "This idempotency key was used before with another request."


class AlreadyAnswered(Exception):
    """The key's effect exists; `answer` is what the first request was told."""

    def __init__(self, answer: dict[str, Any]) -> None:
        super().__init__("the request was answered before")
        self.answer = answer


@dataclass(frozen=True, slots=True)
class Once:
    """One client request: `id` hashes user, route and key; `fingerprint` hashes the body.

    `render` turns the change's result into the answer that a repeated request gets.
    """

    id: str
    fingerprint: str
    render: Callable[[Any], dict[str, Any]] = field(compare=False, repr=False)

    def check(self, fingerprint: str, answer: dict[str, Any], expires_at: datetime, now: datetime) -> None:
        """Settle a stored record: nothing when it is over 24 h old, else one of the two errors.

        Raises `IdempotencyKeyReused` for another body, `AlreadyAnswered` for the same.
        """
        if now >= expires_at:
            return
        if fingerprint != self.fingerprint:
            raise IdempotencyKeyReused
        raise AlreadyAnswered(answer)
