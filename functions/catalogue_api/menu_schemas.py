"""Requests and responses about menus and stock. Prices are integers in minor units of `currency`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Annotated

from pydantic import Field

from functions.catalogue_api.schemas import CategoryName, CategoryText, Description, Image
from shared.catalogue.domain import Merchant
from shared.catalogue.menu import Category, Diet, Menu, MenuItem
from shared.catalogue.menu_checks import (
    MAX_CATEGORIES,
    MAX_GROUPS,
    MAX_ITEMS,
    MAX_MODIFIERS,
    MAX_PREP_MINUTES,
    MAX_PRICE,
)
from shared.catalogue.stock import MAX_ON_HAND, Stock
from shared.edge.schemas import Id, PriceMinor, RequestModel, ResponseModel
from shared.edge.text import Name
from shared.kernel.modifiers import Modifier, ModifierGroup

Mark = Annotated[Diet, Field(strict=False)]


class CategoryRequest(RequestModel):
    """A category of the menu. Items refer to its id."""

    id: Id
    name: CategoryName

    def category(self) -> Category:
        """Return the domain object."""
        return Category(self.id, self.name)


class ModifierRequest(RequestModel):
    """A modifier. Omit `id` for a new one. `price_delta` may be negative."""

    id: Id | None = None
    name: Name
    price_delta: Annotated[int, Field(ge=-MAX_PRICE, le=MAX_PRICE)] = 0
    available: bool = True

    def modifier(self) -> Modifier:
        """Return the domain object."""
        return Modifier(self.id or "", self.name, self.price_delta, self.available)


class ModifierGroupRequest(RequestModel):
    """A modifier group: a customer selects `min` to `max` different modifiers of it."""

    id: Id | None = None
    name: Name
    min: Annotated[int, Field(ge=0, le=MAX_MODIFIERS)] = 0
    max: Annotated[int, Field(ge=1, le=MAX_MODIFIERS)] = 1
    modifiers: Annotated[list[ModifierRequest], Field(min_length=1, max_length=MAX_MODIFIERS)]

    def group(self) -> ModifierGroup:
        """Return the domain object."""
        modifiers = tuple(modifier.modifier() for modifier in self.modifiers)
        return ModifierGroup(self.id or "", self.name, self.min, self.max, modifiers)


class MenuItemRequest(RequestModel):
    """An item of the menu. Omit `id` for a new item and keep it for an existing one.

    `category` is the id of one of the menu's categories, or free text where the menu has none. The stock
    of a `stocked` item is tracked.
    """

    id: Id | None = None
    name: Name
    price: PriceMinor
    available: bool = True
    category: CategoryText = ""
    description: Description = ""
    dietary: Annotated[list[Mark], Field(max_length=len(Diet), default_factory=list)]
    image: Image = ""
    prep_minutes: Annotated[int, Field(ge=1, le=MAX_PREP_MINUTES)] | None = None
    stocked: bool = False
    modifier_groups: Annotated[list[ModifierGroupRequest], Field(max_length=MAX_GROUPS, default_factory=list)]

    def item(self) -> MenuItem:
        """Return the domain object."""
        return MenuItem(
            id=self.id or "",
            name=self.name,
            price=self.price,
            available=self.available,
            category=self.category,
            description=self.description,
            dietary=tuple(self.dietary),
            image=self.image,
            prep_minutes=self.prep_minutes,
            stocked=self.stocked,
            modifier_groups=tuple(group.group() for group in self.modifier_groups),
        )


class MenuRequest(RequestModel):
    """The whole menu. It replaces the current one."""

    items: Annotated[list[MenuItemRequest], Field(min_length=1, max_length=MAX_ITEMS)]
    categories: Annotated[list[CategoryRequest], Field(max_length=MAX_CATEGORIES, default_factory=list)]


class AvailabilityRequest(RequestModel):
    """The availability of an item or, with `modifier_id`, of one of its modifiers."""

    available: bool
    modifier_id: Id | None = None


class StockRequest(RequestModel):
    """The counted number of units."""

    on_hand: Annotated[int, Field(ge=0, le=MAX_ON_HAND)]


class CategoryView(ResponseModel):
    """A category of the menu."""

    id: str
    name: str


class ModifierView(ResponseModel):
    """A modifier."""

    id: str
    name: str
    price_delta: int
    available: bool


class ModifierGroupView(ResponseModel):
    """A modifier group: a customer selects `min` to `max` different modifiers of it."""

    id: str
    name: str
    min: int
    max: int
    modifiers: list[ModifierView]


class MenuItemView(ResponseModel):
    """An item of the menu. It has the form of the request, so that it can be published again."""

    id: str
    name: str
    price: int
    available: bool
    category: str
    description: str
    dietary: list[Diet]
    image: str
    prep_minutes: int | None
    stocked: bool
    modifier_groups: list[ModifierGroupView]


class MenuView(ResponseModel):
    """One version of a merchant's menu. `sold_out` lists the tracked items that are out of stock."""

    merchant_id: str
    version: int
    currency: str
    categories: list[CategoryView]
    items: list[MenuItemView]
    sold_out: list[str]

    @classmethod
    def of(cls, merchant: Merchant, menu: Menu, sold_out: Iterable[str] = ()) -> MenuView:
        """Return the view of a menu."""
        return cls(
            merchant_id=merchant.id,
            version=menu.version,
            currency=merchant.currency,
            categories=[CategoryView.model_validate(category) for category in menu.categories],
            items=[MenuItemView.model_validate(item) for item in menu.items],
            sold_out=sorted(sold_out),
        )


class AvailabilityView(ResponseModel):
    """The new availability, and the version of the menu that has it."""

    merchant_id: str
    version: int
    item_id: str
    modifier_id: str | None
    available: bool


class StockView(ResponseModel):
    """The stock of an item."""

    item_id: str
    on_hand: int
    updated_at: datetime


class StockListView(ResponseModel):
    """The stock of every tracked item that was counted."""

    stock: list[StockView]

    @classmethod
    def of(cls, found: Sequence[Stock]) -> StockListView:
        """Return the view of a list of stock."""
        return cls(stock=[StockView.model_validate(one) for one in found])
