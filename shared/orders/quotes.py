"""A quote: the price of an order that is not placed yet, and why there may be none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.kernel.errors import Forbidden, Invalid, NotFound, WrongState
from shared.kernel.india import INDIA
from shared.kernel.order import Business
from shared.orders.domain import Place
from shared.orders.pricing import Amounts, Line


class QuoteNotFound(NotFound):
    """There is no such quote, or it is not yours."""

    code = "QUOTE_NOT_FOUND"
    detail = "There is no such quote, or it is not yours."


class QuoteExpired(WrongState):
    """The quote has expired."""

    code = "QUOTE_EXPIRED"
    detail = "The quote has expired; request a new one."


class QuoteUsed(WrongState):
    """An order was placed from this quote before."""

    code = "QUOTE_USED"
    detail = "An order was placed from this quote before; request a new quote."


class QuoteOutdated(WrongState):
    """The place, the service zone or the time of the quote no longer holds; a new quote says what does."""

    code = "QUOTE_OUTDATED"
    detail = "The merchant has moved since this quote was made; request a new one."


class MerchantNotFound(Invalid):
    """There is no such merchant."""

    code = "MERCHANT_NOT_FOUND"
    detail = "There is no such merchant."


class CustomerBlocked(Forbidden):
    """The merchant has blocked the customer."""

    code = "CUSTOMER_BLOCKED"
    detail = "This merchant accepts no orders from you."


class OutOfRange(Invalid):
    """The address is too far from the merchant."""

    code = "OUT_OF_RANGE"
    detail = "The address is too far from the merchant; choose a nearer merchant."


class OutsideServiceZone(Invalid):
    """The address lies outside the zones in which orders are delivered."""

    code = "OUTSIDE_SERVICE_ZONE"
    detail = "The address lies outside the zones in which orders are delivered; use another address."


@dataclass(frozen=True, slots=True)
class Quote:
    """A price that is valid until `expires_at`, for one version of the menu."""

    id: str
    customer_id: str
    merchant_id: str
    merchant_name: str
    menu_version: int
    items: tuple[Line, ...]
    amounts: Amounts
    pickup: Place
    dropoff: Place
    distance_m: int
    prep_minutes: int
    eta_minutes: int
    expires_at: datetime
    business: Business = Business.FOOD
    scheduled_for: datetime | None = None
    timezone: str = INDIA
