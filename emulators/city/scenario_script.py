"""The script of the demo's offers: which are declined or expire, so that every demo shows both."""

from __future__ import annotations

from enum import StrEnum


class OfferResponse(StrEnum):
    """How a driver responds to an offer."""

    ACCEPT = "accept"
    DECLINE = "decline"
    EXPIRE = "expire"


class ScenarioScript:
    """Assigns `pairs` expired and declined offers, alternating, to the first offers of different orders.

    Orders that their customers will cancel are left out: the cancellation could end their offers first.
    """

    def __init__(self, pairs: int) -> None:
        self._plan = [OfferResponse.EXPIRE, OfferResponse.DECLINE] * pairs
        self._used: set[str] = set()

    def always_accept(self, order_id: str) -> None:
        """Accept every offer for this order."""
        self._used.add(order_id)

    def decide(self, order_id: str) -> OfferResponse:
        """Return how the driver responds to an offer for this order."""
        if not self._plan or order_id in self._used:
            return OfferResponse.ACCEPT
        self._used.add(order_id)
        return self._plan.pop(0)

    def reschedule(self, order_id: str, response: OfferResponse) -> None:
        """Plan a response again whose offer ended before it."""
        self._used.discard(order_id)
        self._plan.insert(0, response)
