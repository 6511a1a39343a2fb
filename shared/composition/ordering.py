"""The ports of the API of orders."""

from __future__ import annotations

from shared.composition.copies import CopyPorts
from shared.composition.orders import OrdersPorts


class OrderingPorts(CopyPorts, OrdersPorts):
    """What the API of orders needs: who is staff is read from a copy."""
