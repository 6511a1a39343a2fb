"""Idempotency records: what a store needs to make a change at most once for an idempotency key.

The store writes the record in the same commit as the change, so neither exists without the other
(see infra/adr/0001).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from shared.kernel.errors import Invalid

RETENTION = timedelta(hours=24)
"""How long an idempotency record is valid."""


class IdempotencyKeyReused(Invalid):
    """The idempotency key was used before with another body."""

    code = "IDEMPOTENCY_KEY_REUSED"
    detail = "This idempotency key was used before with another request. Send a new key."


class AlreadyAnswered(Exception):
    """The change was made by an earlier request with the same key; `answer` is that request's answer."""

    def __init__(self, answer: dict[str, Any]) -> None:
        super().__init__("the request was answered before")
        self.answer = answer


@dataclass(frozen=True, slots=True)
class IdempotentRequest:
    """One client request: `id` hashes user, route and key; `fingerprint` hashes the body.

    `render` turns the result of the change into the answer that a repeated request gets.
    """

    id: str
    fingerprint: str
    render: Callable[[Any], dict[str, Any]] = field(compare=False, repr=False)

    def check(self, fingerprint: str, answer: dict[str, Any], expires_at: datetime, now: datetime) -> None:
        """Compare the request with a stored record; do nothing when the record has expired.

        Raises `IdempotencyKeyReused` for another body, `AlreadyAnswered` for the same body.
        """
        if now >= expires_at:
            return
        if fingerprint != self.fingerprint:  # mutant: other-body
            raise IdempotencyKeyReused
        raise AlreadyAnswered(answer)
