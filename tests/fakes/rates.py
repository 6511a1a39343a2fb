"""The rate limits that several processes share, in memory."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime

from shared.kernel.errors import Unavailable
from shared.kernel.rates import Bucket, Level


class MemoryBuckets:
    """Implement `SharedBuckets` as Redis does it; it can be `down`, or answer only once `answers` is set."""

    def __init__(self) -> None:
        self.left: dict[Bucket, float] = {}
        self._at: dict[Bucket, datetime] = {}
        self.down = False
        self.asked = 0
        self.answers = asyncio.Event()
        self.answers.set()
        self._settling = asyncio.Event()

    async def take(self, buckets: Sequence[Bucket], now: datetime) -> Sequence[Level]:
        """See `Buckets.take`."""
        await self._answer()
        lefts = [self._look(bucket, now) for bucket in buckets]
        if all(left >= 1 for left in lefts):
            self._change([(bucket, 1) for bucket in buckets], now)
        return [Level(left >= 1, self.left[bucket]) for bucket, left in zip(buckets, lefts, strict=True)]

    async def settle(self, granted: Sequence[tuple[Bucket, float]], now: datetime) -> Sequence[float]:
        """See `SharedBuckets.settle`."""
        self._settling.set()
        await self._answer()
        self._change(granted, now)
        return [self.left[bucket] for bucket, _ in granted]

    async def settling(self) -> None:
        """Return when a process begins to settle."""
        await self._settling.wait()
        self._settling.clear()

    async def _answer(self) -> None:
        self.asked += 1
        await self.answers.wait()
        if self.down:
            raise Unavailable

    def _change(self, taken: Sequence[tuple[Bucket, float]], now: datetime) -> None:
        for bucket, tokens in taken:
            self.left[bucket] = max(-bucket.quota, self._look(bucket, now) - tokens)

    def _look(self, bucket: Bucket, now: datetime) -> float:
        at = self._at.get(bucket, now)
        self.left[bucket] = bucket.filled(self.left.get(bucket, float(bucket.quota)), now - at)
        self._at[bucket] = max(at, now)
        return self.left[bucket]
