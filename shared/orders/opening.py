"""Whether a merchant accepts an order for the time at which it has to begin it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shared.kernel.errors import WrongState
from shared.kernel.timezones import time_zone


class MerchantClosed(WrongState):
    """The merchant accepts no orders now."""

    code = "MERCHANT_CLOSED"
    detail = "The merchant accepts no orders now; read its opening hours."


class LastOrderPassed(WrongState):
    """The merchant closes too soon to prepare the order."""

    code = "LAST_ORDER_PASSED"
    detail = "The merchant closes too soon to prepare this order; read until when it takes orders."


class Refusal(StrEnum):
    """Why a merchant accepts no order that is begun at a moment."""

    CLOSED = "closed"
    LAST_ORDER_PASSED = "last_order_passed"


@dataclass(frozen=True, slots=True)
class Opening:
    """The opening of a merchant at a moment; without a `refusal` it accepts an order that is begun then.

    `closes_at` and `last_order_at` are set where the merchant is open then and closes by its hours.
    """

    timezone: str
    refusal: Refusal | None = None
    closes_at: datetime | None = None
    last_order_at: datetime | None = None


OpeningAt = Callable[[datetime], Opening]
"""Return the opening of a merchant at a moment."""


def check_open(opening_at: OpeningAt, begins_at: datetime, *, scheduled: bool) -> None:
    """Raise `MerchantClosed` or `LastOrderPassed` where the merchant accepts no order that begins then."""
    opening = opening_at(begins_at)
    begins = f"{begins_at.astimezone(time_zone(opening.timezone)):%H:%M}"
    if opening.refusal is Refusal.CLOSED:  # mutant: closed-shop
        if scheduled:
            raise MerchantClosed(
                f"The merchant would begin this order at {begins}, when it is closed; choose another time."
            )
        raise MerchantClosed
    if opening.refusal is Refusal.LAST_ORDER_PASSED:
        raise LastOrderPassed(_last_order(opening))


def _last_order(opening: Opening) -> str:
    """Return until when the merchant takes orders, by its own clocks."""
    if opening.closes_at is None or opening.last_order_at is None:
        return ""
    zone = time_zone(opening.timezone)
    closes, last = opening.closes_at.astimezone(zone), opening.last_order_at.astimezone(zone)
    return f"The merchant closes at {closes:%H:%M} and begins its last order at {last:%H:%M}."
