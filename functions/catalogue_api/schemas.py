"""Requests and responses of `catalogue_api`. Prices are integers in minor units of `currency`."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from shared.catalogue.domain import MAX_ITEMS, MAX_PREP_MINUTES, Menu, MenuItem, Merchant, Registration
from shared.catalogue.queries import Nearby
from shared.edge.schemas import Coordinates, Id, PriceMinor, RequestModel, ResponseModel, ShortText, Text
from shared.kernel.geo import Point

Category = Annotated[ShortText, StringConstraints(max_length=60)]


class MerchantRequest(RequestModel):
    """What a merchant says about itself; it starts closed and is approved by an admin."""

    name: ShortText
    category: Category
    location: Coordinates
    address: ShortText
    prep_minutes: Annotated[int, Field(ge=1, le=MAX_PREP_MINUTES)]

    def registration(self) -> Registration:
        """Return it in the domain's words."""
        point = Point(self.location.lat, self.location.lng)
        return Registration(self.name, self.category, point, self.address, self.prep_minutes)


class MenuItemRequest(RequestModel):
    """One thing on the menu; leave `id` out for a new one, and keep it for one that stays."""

    id: Id | None = None
    name: ShortText
    price: PriceMinor
    available: bool = True
    category: Annotated[Text, StringConstraints(max_length=60)] = ""

    def item(self) -> MenuItem:
        """Return it in the domain's words."""
        return MenuItem(self.id or "", self.name, self.price, self.available, self.category)


class MenuRequest(RequestModel):
    """The whole menu: what is left out is gone."""

    items: Annotated[list[MenuItemRequest], Field(min_length=1, max_length=MAX_ITEMS)]


class PointView(ResponseModel):
    """A position in degrees, WGS 84."""

    lat: float
    lng: float


class MerchantView(ResponseModel):
    """A merchant; `rating` is null before the first one, `menu_version` 0 before the first menu."""

    id: str
    name: str
    category: str
    location: PointView
    address: str
    approved: bool
    open: bool
    prep_minutes: int
    menu_version: int
    rating: float | None
    rating_count: int
    currency: str

    @classmethod
    def of(cls, merchant: Merchant) -> MerchantView:
        """Return the view of a merchant."""
        return cls.model_validate(merchant)


class NearbyView(MerchantView):
    """A merchant and how far it is, as the crow flies."""

    distance_m: int

    @classmethod
    def near(cls, found: Nearby) -> NearbyView:
        """Return the view of a merchant that was found."""
        shop = MerchantView.of(found.merchant).model_dump()
        return cls.model_validate({**shop, "distance_m": found.distance_m})


class MerchantPage(ResponseModel):
    """Some merchants, nearest first; an empty `next_page_token` ends the list."""

    merchants: list[NearbyView]
    next_page_token: str


class MenuItemView(ResponseModel):
    """One thing on the menu."""

    id: str
    name: str
    price: int
    available: bool
    category: str


class MenuView(ResponseModel):
    """One version of a merchant's menu."""

    merchant_id: str
    version: int
    currency: str
    items: list[MenuItemView]

    @classmethod
    def of(cls, merchant: Merchant, menu: Menu) -> MenuView:
        """Return the view of a menu."""
        items = [MenuItemView.model_validate(item) for item in menu.items]
        return cls(merchant_id=merchant.id, version=menu.version, currency=merchant.currency, items=items)
