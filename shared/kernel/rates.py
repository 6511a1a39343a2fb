"""Rate limits by token buckets.

A full bucket holds `quota` tokens. It refills evenly, from empty to full within its window. Each request
takes one token; without a token it is refused.

A process may grant a share of a bucket before the store has counted it, and settle that later: then no
request waits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

SHARES = 50
"""How many processes can grant their share before they grant more than the bucket holds."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """One bucket: its key, size and refill time; an unknown bucket is full."""

    key: str
    quota: int
    window: timedelta

    @property
    def share(self) -> int:
        """Return how many tokens a process may grant before they are counted; none of a small bucket."""
        return self.quota // SHARES

    def filled(self, left: float, since: timedelta) -> float:
        """Return the tokens after `since` has passed; a clock that went back adds nothing."""
        fresh = max(since, timedelta(0)) / self.window * self.quota
        return round(min(float(self.quota), left + fresh), 6)

    def full_after(self, left: float) -> timedelta:
        """Return the time until the bucket is full again."""
        return self.window * ((self.quota - left) / self.quota)

    def next_after(self, left: float) -> timedelta:
        """Return the time until the bucket holds one token."""
        return self.window * (max(0.0, 1 - left) / self.quota)


class Level(NamedTuple):
    """Whether a bucket granted a token, and how many are left; below zero if too many were granted."""

    granted: bool
    left: float


class Buckets(Protocol):
    """The store of all buckets."""

    async def take(self, buckets: Sequence[Bucket], now: datetime) -> Sequence[Level]:
        """Take one token from each bucket, or from none if one of them is empty; return all levels.

        Concurrent calls never take more tokens than a bucket holds. Raises `Unavailable`.
        """
        ...


class SharedBuckets(Buckets, Protocol):
    """The store of the buckets that several processes share."""

    async def settle(self, granted: Sequence[tuple[Bucket, float]], now: datetime) -> Sequence[float]:
        """Take tokens that were granted already; return what is left in each bucket, down to minus its quota.

        Raises `Unavailable`; the tokens may have been taken nevertheless.
        """
        ...
