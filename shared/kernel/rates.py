"""How often something may be done: token buckets.

A bucket holds `quota` tokens when it is full and fills up evenly, from empty to full within its
window. What is done takes a token out; where there is none, it is not done.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Bucket:
    """One bucket by its key, and how large it is; unheard of, it is full."""

    key: str
    quota: int
    window: timedelta

    def filled(self, left: float, since: timedelta) -> float:
        """Return what is in it a while after `left` was; a clock that went back fills nothing."""
        fresh = max(since, timedelta(0)) / self.window * self.quota
        return round(min(float(self.quota), left + fresh), 6)

    def full_after(self, left: float) -> timedelta:
        """Return how long it takes until it is full again."""
        return self.window * ((self.quota - left) / self.quota)

    def next_after(self, left: float) -> timedelta:
        """Return how long it takes until there is a token in it."""
        return self.window * (max(0.0, 1 - left) / self.quota)


@dataclass(frozen=True, slots=True)
class Level:
    """Whether a bucket had a token to give, and how many are left in it now."""

    granted: bool
    left: float


class Buckets(Protocol):
    """The buckets of everybody."""

    async def take(self, buckets: Sequence[Bucket], now: datetime) -> Sequence[Level]:
        """Take one token out of each, or out of none where one of them is empty; return how each stands.

        However many do so at once, a bucket never gives more than it has. Raises `Unavailable`.
        """
        ...
