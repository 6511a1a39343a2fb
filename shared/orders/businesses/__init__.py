"""The delivery businesses. A new one is a module here, an entry of `POLICIES`, and its tests."""

from __future__ import annotations

from collections.abc import Mapping

from shared.kernel.order import Business
from shared.orders.businesses.food import FOOD
from shared.orders.businesses.local import LOCAL
from shared.orders.businesses.med import MED
from shared.orders.businesses.p2p import P2P
from shared.orders.businesses.policy import BusinessPolicy

POLICIES: Mapping[Business, BusinessPolicy] = {policy.business: policy for policy in (FOOD, LOCAL, MED, P2P)}
MERCHANT_BUSINESSES = tuple(policy.business for policy in POLICIES.values() if not policy.private_pickup)
"""The businesses that a merchant can register for; the goods of the others are fetched from a customer."""
