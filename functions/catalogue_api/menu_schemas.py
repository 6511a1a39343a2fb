"""Menus and stock on the wire. Prices are integers in minor units of `currency`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from functions.catalogue_api.schemas import CategoryName, Description, Image
from shared.catalogue.domain import Merchant
from shared.catalogue.menu import Category, Diet, Menu, MenuItem
from shared.catalogue.menu_checks import (
    MAX_CATEGORIES,
    MAX_CHOICES,
    MAX_GROUPS,
    MAX_ITEMS,
    MAX_PREP_MINUTES,
    MAX_PRICE,
)
from shared.catalogue.stock import MAX_ON_HAND, Stock
from shared.edge.schemas import Id, PriceMinor, RequestModel, ResponseModel, ShortText, Text
from shared.kernel.options import Choice, OptionGroup

Mark = Annotated[Diet, Field(strict=False)]


class CategoryRequest(RequestModel):
    """A heading of the menu; items name it by its id."""

    id: Id
    name: CategoryName

    def category(self) -> Category:
        """Return it in the domain's words."""
        return Category(self.id, self.name)


class ChoiceRequest(RequestModel):
    """One thing to choose; leave `id` out for a new one. `price_delta` may be negative."""

    id: Id | None = None
    name: ShortText
    price_delta: Annotated[int, Field(ge=-MAX_PRICE, le=MAX_PRICE)] = 0
    available: bool = True

    def choice(self) -> Choice:
        """Return it in the domain's words."""
        return Choice(self.id or "", self.name, self.price_delta, self.available)


class OptionGroupRequest(RequestModel):
    """A question about an item: from `min` to `max` different choices; it must be answered if `min` > 0."""

    id: Id | None = None
    name: ShortText
    min: Annotated[int, Field(ge=0, le=MAX_CHOICES)] = 0
    max: Annotated[int, Field(ge=1, le=MAX_CHOICES)] = 1
    choices: Annotated[list[ChoiceRequest], Field(min_length=1, max_length=MAX_CHOICES)]

    def group(self) -> OptionGroup:
        """Return it in the domain's words."""
        choices = tuple(choice.choice() for choice in self.choices)
        return OptionGroup(self.id or "", self.name, self.min, self.max, choices)


class MenuItemRequest(RequestModel):
    """One thing on the menu; leave `id` out for a new one, and keep it for one that stays.

    `category` is the id of one of the menu's categories, or free text where the menu has none. What is
    `stocked` can be had only as far as its stock goes.
    """

    id: Id | None = None
    name: ShortText
    price: PriceMinor
    available: bool = True
    category: Annotated[Text, StringConstraints(max_length=60)] = ""
    description: Description = ""
    dietary: Annotated[list[Mark], Field(max_length=len(Diet), default_factory=list)]
    image: Image = ""
    prep_minutes: Annotated[int, Field(ge=1, le=MAX_PREP_MINUTES)] | None = None
    stocked: bool = False
    options: Annotated[list[OptionGroupRequest], Field(max_length=MAX_GROUPS, default_factory=list)]

    def item(self) -> MenuItem:
        """Return it in the domain's words."""
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
            options=tuple(group.group() for group in self.options),
        )


class MenuRequest(RequestModel):
    """The whole menu: what is left out is gone."""

    items: Annotated[list[MenuItemRequest], Field(min_length=1, max_length=MAX_ITEMS)]
    categories: Annotated[list[CategoryRequest], Field(max_length=MAX_CATEGORIES, default_factory=list)]


class AvailabilityRequest(RequestModel):
    """Whether the item can be had, or, with `choice_id`, that choice of it."""

    available: bool
    choice_id: Id | None = None


class StockRequest(RequestModel):
    """How many there are, counted anew."""

    on_hand: Annotated[int, Field(ge=0, le=MAX_ON_HAND)]


class CategoryView(ResponseModel):
    """A heading of the menu."""

    id: str
    name: str


class ChoiceView(ResponseModel):
    """One thing to choose."""

    id: str
    name: str
    price_delta: int
    available: bool


class OptionGroupView(ResponseModel):
    """A question about an item: from `min` to `max` different choices."""

    id: str
    name: str
    min: int
    max: int
    choices: list[ChoiceView]


class MenuItemView(ResponseModel):
    """One thing on the menu, in the form in which it can be published again."""

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
    options: list[OptionGroupView]


class MenuView(ResponseModel):
    """One version of a merchant's menu; `sold_out` names the counted items of which nothing is left now."""

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
    """What was switched, and the version of the menu in which it is so."""

    merchant_id: str
    version: int
    item_id: str
    choice_id: str | None
    available: bool


class StockView(ResponseModel):
    """How many of an item there are."""

    item_id: str
    on_hand: int
    updated_at: datetime


class StockListView(ResponseModel):
    """How many there are of every counted item; those that nobody counted yet are missing."""

    stock: list[StockView]

    @classmethod
    def of(cls, found: Sequence[Stock]) -> StockListView:
        """Return the view of what was found."""
        return cls(stock=[StockView.model_validate(one) for one in found])
