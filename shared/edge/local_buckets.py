"""`Buckets` in this process: what counts while the shared ones cannot be reached."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from datetime import datetime

from shared.kernel.rates import Bucket, Level

MOST = 10_000
"""So many buckets are remembered; beyond, those that were touched longest ago count as full again."""


class LocalBuckets:
    """See `shared.kernel.rates.Buckets`. Each instance of a function counts for itself."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._stored: OrderedDict[str, tuple[float, datetime]] = OrderedDict()

    async def take(self, buckets: Sequence[Bucket], now: datetime) -> Sequence[Level]:
        """See `Buckets.take`; nothing is awaited in between, hence nobody else takes."""
        found = [self._look(bucket, now) for bucket in buckets]
        granted = [left >= 1 for left, _ in found]
        if all(granted):
            found = [(left - 1, at) for left, at in found]
        for bucket, stored in zip(buckets, found, strict=True):
            self._stored[bucket.key] = stored
            self._stored.move_to_end(bucket.key)
        while len(self._stored) > self._most:
            self._stored.popitem(last=False)
        return [Level(had, left) for had, (left, _) in zip(granted, found, strict=True)]

    def _look(self, bucket: Bucket, now: datetime) -> tuple[float, datetime]:
        """Return what is in a bucket at this moment, and the latest moment that it knows of."""
        left, at = self._stored.get(bucket.key, (float(bucket.quota), now))
        return bucket.filled(left, now - at), max(at, now)
