"""The catalogue for orders, in Firestore: a merchant, its current menu, its stock and its load."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.adapters.firestore.codec import Collection
from shared.adapters.firestore.database import Database
from shared.adapters.firestore.shop_blocks import shop_blocks
from shared.adapters.firestore.zones import FirestoreZones
from shared.catalogue import opening
from shared.catalogue.domain import TIMEZONE, Merchant
from shared.catalogue.stock import Stock
from shared.kernel.geo import Point
from shared.orders.domain import Place
from shared.orders.opening import Opening, OpeningAt, Refusal
from shared.orders.ports import MerchantSnapshot
from shared.orders.pricing import MenuItem


@dataclass(frozen=True, slots=True)
class Menu:
    """What orders read of a menu."""

    version: int
    items: tuple[MenuItem, ...]


@dataclass(frozen=True, slots=True)
class Load:
    """How many open orders count against the merchant's capacity; stored once a limit was set."""

    active: int = 0


MERCHANTS = Collection("merchants", Merchant)


def stock_of(merchant_id: str) -> Collection[Stock]:
    """Return the collection of a merchant's counted items."""
    return Collection(f"merchants/{merchant_id}/stock", Stock)


def load_of(merchant_id: str) -> Collection[Load]:
    """Return the collection of a merchant's one load document, `load`."""
    return Collection(f"merchants/{merchant_id}/capacity", Load)


def menus_of(merchant_id: str) -> Collection[Menu]:
    """Return the versions of a merchant's menu."""
    return Collection(f"merchants/{merchant_id}/menu", Menu)


def place_of(merchant: Merchant) -> Place:
    """Return where a merchant is."""
    return Place(merchant.location.lat, merchant.location.lng, merchant.address)


def openings_of(merchant: Merchant | None) -> OpeningAt:
    """Return the opening of a merchant, as orders see it, at any moment; an unknown one is closed."""

    def opening_at(at: datetime) -> Opening:
        if merchant is None:
            return Opening(TIMEZONE, Refusal.CLOSED)
        refusal = opening.refusal(merchant, at)
        return Opening(
            merchant.timezone,
            Refusal(refusal) if refusal else None,
            opening.closes_at(merchant, at) if refusal else None,
            opening.last_order_at(merchant, at) if refusal else None,
        )

    return opening_at


KEPT_MENUS = 200
"""How many versions of menus a process keeps: those that were asked for last."""


class FirestoreCatalogue:
    """See `orders.ports.Catalogue`. A version of a menu never changes (ADR 0004); a process reads it once.

    Which version is in force is read each time: an item that was switched off is refused at once.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._zones = FirestoreZones(database)
        self._menus: OrderedDict[tuple[str, int], Menu] = OrderedDict()

    async def shop(self, merchant_id: str, dropoff: Place) -> MerchantSnapshot | None:
        """See `Catalogue.shop`. The merchant, its menu in force (which the merchant names), the zones."""
        merchant = MERCHANTS.find(await self._database.get_all([MERCHANTS.path(merchant_id)]), merchant_id)
        if merchant is None:
            return None
        menu = await self._menu(merchant_id, merchant.menu_version)
        return MerchantSnapshot(
            id=merchant.id,
            name=merchant.name,
            business=merchant.business,
            place=place_of(merchant),
            prep_minutes=merchant.prep_minutes,
            currency=merchant.currency,
            timezone=merchant.timezone,
            approved=merchant.approved,
            opening_at=openings_of(merchant),
            serves=await self._zones.serves(Point(dropoff.lat, dropoff.lng)),
            menu_version=merchant.menu_version,
            menu=menu.items if menu else (),
            blocks=merchant.blocked > 0,
        )

    async def _menu(self, merchant_id: str, version: int) -> Menu | None:
        key, menus = (merchant_id, version), menus_of(merchant_id)
        if key not in self._menus:
            docs = await self._database.get_all([menus.path(str(version))])
            if (found := menus.find(docs, str(version))) is None:
                return None
            self._menus[key] = found
        self._menus.move_to_end(key)
        if len(self._menus) > KEPT_MENUS:
            self._menus.popitem(last=False)
        return self._menus[key]

    async def has_blocked(self, merchant_id: str, customer_id: str) -> bool:
        """See `Catalogue.has_blocked`."""
        collection = shop_blocks(merchant_id)
        return (
            collection.find(await self._database.get_all([collection.path(customer_id)]), customer_id)
            is not None
        )

    async def on_hand(self, merchant_id: str, item_ids: Sequence[str]) -> Mapping[str, int]:
        """See `Catalogue.on_hand`."""
        collection = stock_of(merchant_id)
        docs = await self._database.get_all([collection.path(item) for item in item_ids])
        found = (collection.find(docs, item) for item in item_ids)
        return {stock.item_id: stock.on_hand for stock in found if stock}
