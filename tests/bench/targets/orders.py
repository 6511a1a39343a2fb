"""`orders_api` as it is, but for the store, which has one order, the keys that tokens are signed with, and
its rate limits, which are counted in the process: what is stored needs no time."""

from __future__ import annotations

import os

from functions.orders_api import wiring
from shared.adapters.firebase_auth import FirebaseTokens
from shared.edge.local_buckets import LocalBuckets
from shared.edge.ratelimit import RateLimiter
from shared.orders.domain import Order
from tests.bench.signer import PROJECT
from tests.builders import order

TOKENS = FirebaseTokens(PROJECT, jwks_url=os.environ["JWKS_URL"])


class OneOrder:
    """An order store that needs no time."""

    def __init__(self) -> None:
        self._order = order()

    async def get(self, _: str) -> Order:
        """Return the one order."""
        return self._order


ORDERS = OneOrder()
setattr(wiring, "tokens", lambda: TOKENS)  # noqa: B010 - the wiring's own type is narrower
setattr(wiring, "orders", lambda: ORDERS)  # noqa: B010
RATE_LIMITER = RateLimiter(LocalBuckets(), wiring.settings())
setattr(wiring, "rate_limiter", lambda: RATE_LIMITER)  # noqa: B010

from functions.orders_api.main import orders_api as orders  # noqa: E402 - it takes what the wiring has now

__all__ = ["orders"]
