"""`orders_api` as it is, with its rate limits in Redis, but for its stores, of which one has an order for
each person and one finds every account open, and the keys that tokens are signed with."""

from __future__ import annotations

import os

from functions.orders_api.main import app
from functions.orders_api.main import orders_api as orders
from shared.adapters.firebase_auth import FirebaseTokens
from shared.kernel.access import AccountStatus
from shared.orders.domain import Order
from tests.bench.parties import PEOPLE, order_of, uid_of
from tests.bench.signer import PROJECT
from tests.builders import order

TOKENS = FirebaseTokens(PROJECT, jwks_url=os.environ["JWKS_URL"])


class OwnOrders:
    """An order store that needs no time."""

    def __init__(self) -> None:
        self._orders = {
            order_of(number): order(id=order_of(number), customer_id=uid_of(number))
            for number in range(PEOPLE)
        }

    async def get(self, order_id: str) -> Order:
        """Return an order."""
        return self._orders[order_id]

    async def details(self, order_ids: list[str]) -> dict[str, object]:
        """Return the details of closed orders, of which there are none."""
        assert not order_ids
        return {}


class OpenAccounts:
    """An account store that needs no time."""

    async def account_status(self, _: str, session_id: str = "") -> AccountStatus:
        """Return the status of an open account."""
        return AccountStatus()


app.state.ports.orders = OwnOrders()
app.state.ports.memberships = None  # the customer's own order depends on none
app.state.tokens = lambda: TOKENS
app.state.roles = OpenAccounts

__all__ = ["orders"]
