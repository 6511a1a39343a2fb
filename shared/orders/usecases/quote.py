"""Quote the price of an order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.kernel.geo import Point, distance_m
from shared.kernel.ids import NewId
from shared.orders.domain import Place
from shared.orders.ordering import OrderingRules, check_business
from shared.orders.ports import Catalogue, MerchantSnapshot, QuoteStore
from shared.orders.pricing import FeeRules, ItemRequest, priced, total
from shared.orders.quotes import (
    CustomerBlocked,
    MerchantNotFound,
    OutOfRange,
    OutsideServiceZone,
    Quote,
)
from shared.orders.reservations import check_stock, stocked
from shared.orders.scheduling import check_schedule, check_times

VALID_FOR = timedelta(minutes=15)
MAX_DISTANCE_M = 15_000
CITY_SPEED_M_PER_MIN = 330
"""20 km/h: a scooter in city traffic, until there is an ETA model."""


@dataclass(frozen=True, slots=True)
class QuoteOrder:
    """Items from a merchant to an address, now (None) or at `scheduled_for`; `tip` in minor units."""

    customer_id: str
    merchant_id: str
    items: Sequence[ItemRequest]
    dropoff: Place
    tip: int = 0
    scheduled_for: datetime | None = None


async def quote(
    command: QuoteOrder,
    *,
    catalogue: Catalogue,
    quotes: QuoteStore,
    ordering: OrderingRules,
    now: datetime,
    new_id: NewId,
) -> Quote:
    """Return a price that is valid for 15 minutes, from the current version of the menu.

    Raises `MerchantNotFound`, `BusinessNotOpen`, `CustomerBlocked`, `MerchantClosed`, `LastOrderPassed`,
    `OutOfRange`, `OutsideServiceZone`, `OutOfStock`, `ScheduleOutOfBounds` and what pricing raises.
    """
    check_schedule(command.scheduled_for, now, ordering.scheduling)
    shop = await catalogue.shop(command.merchant_id, command.dropoff)
    if shop is None or not shop.approved:
        raise MerchantNotFound
    check_business(shop.business, ordering)
    await check_welcome(shop, command.customer_id, catalogue)
    quoted = _quote(command, shop, now, new_id("quo"))
    if counted := stocked(quoted.items):
        check_stock(quoted.items, await catalogue.on_hand(shop.id, list(counted)))
    await quotes.add(quoted)
    return quoted


def _quote(command: QuoteOrder, shop: MerchantSnapshot, now: datetime, quote_id: str) -> Quote:
    metres = way_m(shop, command.dropoff)
    eta_minutes = shop.prep_minutes + -(-metres // CITY_SPEED_M_PER_MIN)
    check_times(command.scheduled_for, eta_minutes, shop.opening_at, now)
    lines = priced(command.items, shop.menu)
    return Quote(
        id=quote_id,
        customer_id=command.customer_id,
        merchant_id=shop.id,
        merchant_name=shop.name,
        menu_version=shop.menu_version,
        items=lines,
        amounts=total(lines, metres, shop.currency, FeeRules(), tip=command.tip),
        pickup=shop.place,
        dropoff=command.dropoff,
        distance_m=metres,
        prep_minutes=shop.prep_minutes,
        eta_minutes=eta_minutes,
        expires_at=now + VALID_FOR,
        business=shop.business,
        scheduled_for=command.scheduled_for,
        timezone=shop.timezone,
    )


async def check_welcome(shop: MerchantSnapshot, customer_id: str, catalogue: Catalogue) -> None:
    """Raise `CustomerBlocked` where the merchant has blocked the customer."""
    if shop.blocks and await catalogue.has_blocked(shop.id, customer_id):
        raise CustomerBlocked


def way_m(shop: MerchantSnapshot, dropoff: Place) -> int:
    """Return the metres to the address in a straight line.

    Raises `OutOfRange` or `OutsideServiceZone` for an address that the merchant does not serve.
    """
    metres = round(distance_m(Point(shop.place.lat, shop.place.lng), Point(dropoff.lat, dropoff.lng)))
    if metres > MAX_DISTANCE_M:
        raise OutOfRange(f"The address is {metres / 1000:.1f} km away; at most {MAX_DISTANCE_M // 1000} km.")
    if not shop.serves:
        raise OutsideServiceZone
    return metres
