"""What an answer says of a rate limit: the header fields of draft-ietf-httpapi-ratelimit-headers."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

from shared.kernel.rates import Bucket, Level

Fields = list[tuple[bytes, bytes]]


class Described(NamedTuple):
    """A bucket of a policy, by its kind (address, user), and its level after a request."""

    policy: str
    kind: str
    bucket: Bucket
    level: Level

    @property
    def name(self) -> str:
        """Return the name that answers and logs show."""
        return f"{self.policy}-{self.kind}"

    def closeness(self) -> tuple[bool, float]:
        """Return the order of buckets by how close each is to its limit."""
        return self.level.granted, self.level.left / self.bucket.quota


def fields_of(found: Described) -> Fields:
    """Return the header fields that describe a bucket."""
    left, quota = round(max(0.0, found.level.left), 6), found.bucket.quota
    window_s = found.bucket.window.total_seconds()
    full_s = math.ceil(window_s * (quota - left) / quota)
    state = f'"{found.name}";r={math.floor(left)};t={full_s}'
    return [_policy_field(found.name, quota, window_s), (b"ratelimit", state.encode())]


@lru_cache(1_000)
def _policy_field(name: str, quota: int, window_s: float) -> tuple[bytes, bytes]:
    return b"ratelimit-policy", f'"{name}";q={quota};w={math.ceil(window_s)}'.encode()
