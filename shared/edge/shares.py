"""What a process grants of the shared buckets by itself, so that no request waits for Redis.

A process keeps a copy of each bucket that it has seen lately. It grants from the copy, and tells Redis of all
that it granted `SETTLED_AFTER_S` later, in one command; the answer renews the copies. Until then it grants no
more of a bucket than its share, a fiftieth (`Bucket.share`). Who wants more at once waits for Redis, and so
does everybody for a bucket of less than fifty tokens, which has no share.

The error, with n processes: in any time they grant at most n shares more than one bucket would; twice its
quota with fifty processes. They owe what they granted too much: Redis counts below zero, and a process that
has learned of it grants nothing until that is made up for. They never refuse what one bucket would grant.

While Redis does not answer, a process grants what its copies hold, each for itself, and tries to settle every
`RETRY_AFTER_S`. Then it owes no more than its copies lack.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from datetime import datetime

from shared.kernel.clock import Clock
from shared.kernel.errors import Unavailable
from shared.kernel.rates import Bucket, Level, SharedBuckets

SETTLED_AFTER_S = 0.2
RETRY_AFTER_S = 2.0

ONE = 1 - 1e-6
"""One token, as far as sums of fractions are exact."""

MAX_COPIES = 10_000
"""Beyond this number, the least recently used copies are removed; a bucket without one counts as full."""


class _Copy:
    """One bucket as this process knows it; `left` is without the tokens that Redis has not counted yet."""

    __slots__ = ("at", "bucket", "left", "rate", "sent", "share", "unsettled")

    def __init__(self, bucket: Bucket, at: float) -> None:
        self.bucket = bucket
        self.share = bucket.share
        self.rate = bucket.quota / bucket.window.total_seconds()
        self.left, self.at = float(bucket.quota), at
        self.unsettled = self.sent = 0.0

    def fill(self, at: float) -> None:
        """Add what has been refilled since; a clock that went back adds nothing."""
        if at > self.at:
            self.left = min(float(self.bucket.quota), self.left + (at - self.at) * self.rate)
            self.at = at

    def owes_too_much(self) -> bool:
        """Return whether one token more would exceed the share."""
        return self.unsettled + self.sent >= self.share

    def learn(self, left: float, at: float) -> None:
        """Take over what Redis has counted, without what it does not know yet."""
        self.left = left - self.unsettled - self.sent
        self.at = max(self.at, at)


class Shares:
    """Grants tokens of shared buckets within this process's share; see above."""

    def __init__(
        self, shared: SharedBuckets, clock: Clock, *, settled_after_s: float = SETTLED_AFTER_S
    ) -> None:
        self._shared = shared
        self._clock = clock
        self._settled_after_s = settled_after_s
        self._copies: OrderedDict[str, _Copy] = OrderedDict()
        self._owing: dict[_Copy, None] = {}
        self._alone = False
        self._next: asyncio.TimerHandle | asyncio.Task[None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def grant(self, buckets: Sequence[Bucket], now: datetime, *, alone: bool = False) -> list[Level] | None:
        """Take a token from each bucket, or from none if one is empty; None if only Redis can say.

        It is said without Redis while that does not answer, or when the caller knows that it is `alone`.
        """
        at = now.timestamp()
        copies = [self._copy(bucket, at) for bucket in buckets]
        for copy in copies:
            if copy.left < ONE:
                return [Level(each.left >= ONE, each.left) for each in copies]
            if copy.owes_too_much() and not (alone or self._alone):
                return None
        for copy in copies:
            copy.left -= 1
            copy.unsettled += 1
            self._owing[copy] = None
        self._settle_later()
        return [Level(True, copy.left) for copy in copies]

    def learn(self, buckets: Iterable[Bucket], levels: Iterable[Level], now: datetime) -> None:
        """Renew the copies of buckets by what Redis has just answered."""
        at = now.timestamp()
        for bucket, level in zip(buckets, levels, strict=True):
            self._copy(bucket, at).learn(level.left, at)

    def _copy(self, bucket: Bucket, at: float) -> _Copy:
        """Return the copy of a bucket, filled up to now."""
        copy = self._copies.get(bucket.key)
        if copy is None or copy.bucket != bucket:
            self._copies[bucket.key] = copy = _Copy(bucket, at)
            if len(self._copies) > MAX_COPIES:
                self._copies.popitem(last=False)
            return copy
        self._copies.move_to_end(bucket.key)
        copy.fill(at)
        return copy

    def _settle_later(self) -> None:
        """Let the tokens that were granted be settled, unless that has been arranged in this event loop."""
        loop = asyncio.get_running_loop()
        if self._next is None or self._loop is not loop:
            after_s = RETRY_AFTER_S if self._alone else self._settled_after_s
            self._loop, self._next = loop, loop.call_later(after_s, self._begin)

    def _begin(self) -> None:
        self._next = asyncio.get_running_loop().create_task(self.settle())

    async def settle(self) -> None:
        """Tell Redis what was granted, and learn what is left; without an answer, try again later."""
        now, owing, self._owing = self._clock(), self._owing, {}
        for copy in owing:
            self._send(copy, now.timestamp())
        try:
            lefts = await self._shared.settle([(copy.bucket, copy.sent) for copy in owing], now)
        except BaseException as error:
            self._alone, self._next = True, None
            self._owing = {**owing, **self._owing}
            for copy in owing:
                copy.unsettled, copy.sent = copy.unsettled + copy.sent, 0.0
            if not isinstance(error, Unavailable):
                raise
        else:
            self._alone = False
            for copy, left in zip(owing, lefts, strict=True):
                copy.sent = 0.0
                copy.learn(left, now.timestamp())
        self._next = None
        if self._owing:
            self._settle_later()

    def _send(self, copy: _Copy, at: float) -> None:
        """Move what a copy owes to what is on the way."""
        copy.fill(at)
        lacking = max(0.0, copy.bucket.quota - copy.left)
        copy.sent = min(copy.unsettled, lacking) if self._alone else copy.unsettled
        copy.unsettled = 0.0
