"""Tell a customer what an order would cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.kernel.geo import Point, distance_m
from shared.kernel.ids import NewId
from shared.orders.domain import MerchantClosed, MerchantNotFound, OutOfRange, Place, Quote
from shared.orders.ports import Catalogue, QuoteStore, Shop
from shared.orders.pricing import FeeRules, Wanted, priced, total

VALID_FOR = timedelta(minutes=15)
MAX_DISTANCE_M = 15_000
CITY_SPEED_M_PER_MIN = 330
"""20 km/h: a scooter in city traffic, until the ETA model stands."""


@dataclass(frozen=True, slots=True)
class QuoteOrder:
    """What a customer would like, from whom, and where to."""

    customer_id: str
    merchant_id: str
    items: Sequence[Wanted]
    dropoff: Place


async def quote(
    command: QuoteOrder, *, catalogue: Catalogue, quotes: QuoteStore, now: datetime, new_id: NewId
) -> Quote:
    """Return a price that holds for 15 minutes, pinned to the menu as it is now.

    Raises `MerchantNotFound`, `MerchantClosed`, `OutOfRange` and what pricing raises.
    """
    shop = await catalogue.shop(command.merchant_id)
    if shop is None or not shop.approved:
        raise MerchantNotFound
    made = _quote(command, shop, now, new_id("quo"))
    await quotes.add(made)
    return made


def _quote(command: QuoteOrder, shop: Shop, now: datetime, quote_id: str) -> Quote:
    if not shop.open:
        raise MerchantClosed
    metres = round(
        distance_m(Point(shop.place.lat, shop.place.lng), Point(command.dropoff.lat, command.dropoff.lng))
    )
    if metres > MAX_DISTANCE_M:
        raise OutOfRange(f"The address is {metres / 1000:.1f} km away; at most {MAX_DISTANCE_M // 1000} km.")
    lines = priced(command.items, shop.menu)
    return Quote(
        id=quote_id,
        customer_id=command.customer_id,
        merchant_id=shop.id,
        merchant_name=shop.name,
        merchant_staff=shop.staff,
        menu_version=shop.menu_version,
        items=lines,
        amounts=total(lines, metres, shop.currency, FeeRules()),
        pickup=shop.place,
        dropoff=command.dropoff,
        distance_m=metres,
        prep_minutes=shop.prep_minutes,
        eta_minutes=shop.prep_minutes + -(-metres // CITY_SPEED_M_PER_MIN),
        expires_at=now + VALID_FOR,
    )
