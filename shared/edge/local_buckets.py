"""`Buckets` in this process, for the time when the shared ones are unavailable."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from datetime import datetime

from shared.kernel.rates import Bucket, Level

MAX_BUCKETS = 10_000
"""Beyond this number, the least recently used buckets are removed and count as full again."""


class LocalBuckets:
    """See `shared.kernel.rates.Buckets`. Each instance of a function counts its own requests."""

    def __init__(self, max_buckets: int = MAX_BUCKETS) -> None:
        self._max_buckets = max_buckets
        self._stored: OrderedDict[str, tuple[float, datetime]] = OrderedDict()

    async def take(self, buckets: Sequence[Bucket], now: datetime) -> Sequence[Level]:
        """See `Buckets.take`; it awaits nothing, so that no other request takes in between."""
        found = [self._look(bucket, now) for bucket in buckets]
        granted = [left >= 1 for left, _ in found]
        if all(granted):
            found = [(left - 1, at) for left, at in found]
        for bucket, stored in zip(buckets, found, strict=True):
            self._stored[bucket.key] = stored
            self._stored.move_to_end(bucket.key)
        while len(self._stored) > self._max_buckets:
            self._stored.popitem(last=False)
        return [Level(had, left) for had, (left, _) in zip(granted, found, strict=True)]

    def _look(self, bucket: Bucket, now: datetime) -> tuple[float, datetime]:
        """Return the tokens of a bucket now, and the latest time that it has seen."""
        left, at = self._stored.get(bucket.key, (float(bucket.quota), now))
        return bucket.filled(left, now - at), max(at, now)
