"""The times of dispatches and retries: pure arithmetic."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from google.cloud.tasks_v2 import RetryConfig

NO_TIME = timedelta()


class RateLimit:
    """A token bucket, stored as the time at which the next token is due."""

    def __init__(self, per_second: float, burst: int) -> None:
        self._interval = timedelta(seconds=1 / per_second)
        self._saved = self._interval * (burst - 1)
        self._due: datetime | None = None

    def reserve(self, now: datetime) -> datetime:
        """Return when the caller may dispatch; each call takes one token."""
        earliest = now - self._saved
        slot = earliest if self._due is None else max(self._due, earliest)
        self._due = slot + self._interval
        return max(slot, now)


def burst_size(per_second: float) -> int:
    """Return the burst size of a rate: a fifth of a second's tasks, such as 100 at 500 per second."""
    return max(1, math.ceil(per_second / 5))


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """A retry configuration with every default filled in."""

    max_attempts: int
    max_retry_duration: timedelta
    min_backoff: timedelta
    max_backoff: timedelta
    max_doublings: int

    @classmethod
    def of(cls, config: RetryConfig) -> RetryPolicy:
        """Read `config`, with the documented defaults of Cloud Tasks for absent fields."""
        return cls(
            max_attempts=config.max_attempts or 100,
            max_retry_duration=config.max_retry_duration or NO_TIME,
            min_backoff=config.min_backoff or timedelta(seconds=0.1),
            max_backoff=config.max_backoff or timedelta(hours=1),
            max_doublings=config.max_doublings or 16,
        )

    def backoff(self, failures: int) -> timedelta:
        """Return the wait after the n-th failed attempt.

        It doubles `max_doublings` times, then grows linearly, up to `max_backoff`.
        """
        doublings = min(failures - 1, self.max_doublings)
        steps = max(1, failures - self.max_doublings)
        seconds = self.min_backoff.total_seconds() * 2.0**doublings * steps
        return timedelta(seconds=min(seconds, self.max_backoff.total_seconds()))

    def exhausted(self, attempts: int, since_first: timedelta) -> bool:
        """Return whether to give up: both limits must be reached; an absent limit counts as reached."""
        unlimited = self.max_attempts < 0 and self.max_retry_duration == NO_TIME
        enough_attempts = self.max_attempts < 0 or attempts >= self.max_attempts
        return not unlimited and enough_attempts and since_first >= self.max_retry_duration
