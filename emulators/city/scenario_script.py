"""Which offers are not taken: decided beforehand, so that every demo shows declines and lapses."""

from __future__ import annotations

from enum import StrEnum


class Whim(StrEnum):
    """What a driver makes of an offer."""

    ACCEPT = "accept"
    DECLINE = "decline"
    LAPSE = "lapse"


class Whims:
    """Spends `pairs` lapses and declines, in turns, on the first offers for as many different orders.

    Orders that their customers will cancel are spared: their offers might end by the cancellation.
    """

    def __init__(self, pairs: int) -> None:
        self._plan = [Whim.LAPSE, Whim.DECLINE] * pairs
        self._struck: set[str] = set()

    def spare(self, order_id: str) -> None:
        """Let every offer for this order be taken."""
        self._struck.add(order_id)

    def decide(self, order_id: str) -> Whim:
        """Return what the driver who now sees an offer for the order does."""
        if not self._plan or order_id in self._struck:
            return Whim.ACCEPT
        self._struck.add(order_id)
        return self._plan.pop(0)

    def put_back(self, order_id: str, whim: Whim) -> None:
        """The offer ended before the whim could; another offer shall have it."""
        self._struck.discard(order_id)
        self._plan.insert(0, whim)
