"""`orders_api` as it is, but for its stores, of which one has one order and one finds every account open, the
keys that tokens are signed with, and its rate limits, which are counted in the process: what is stored needs
no time."""

from __future__ import annotations

import os

from functions.orders_api.main import app
from functions.orders_api.main import orders_api as orders
from shared.adapters.firebase_auth import FirebaseTokens
from shared.edge.local_buckets import LocalBuckets
from shared.edge.ratelimit import RateLimiter
from shared.edge.settings import Settings
from shared.kernel.access import AccountStatus
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


class OpenAccounts:
    """An account store that needs no time."""

    async def account_status(self, _: str, session_id: str = "") -> AccountStatus:
        """Return the status of an open account."""
        return AccountStatus()


LIMITER = RateLimiter(LocalBuckets(), Settings())
app.state.ports.orders = OneOrder()
app.state.tokens = lambda: TOKENS
app.state.roles = OpenAccounts
app.state.rate_limiter = lambda: LIMITER

__all__ = ["orders"]
