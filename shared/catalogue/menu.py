"""What a shop sells: one menu is one version, which never changes, so that an order can be priced at it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from shared.kernel.errors import NotFound, PreconditionFailed
from shared.kernel.options import OptionGroup


class MenuNotFound(NotFound):
    """This merchant has no menu yet."""

    code = "MENU_NOT_FOUND"
    detail = "This merchant has no menu yet."


class MenuVersionNotFound(NotFound):
    """This menu has no such version."""

    code = "MENU_VERSION_NOT_FOUND"
    detail = "This menu has no such version."


class ItemNotFound(NotFound):
    """The menu in force has no such item."""

    code = "ITEM_NOT_FOUND"
    detail = "The menu in force has no such item."


class ChoiceNotFound(NotFound):
    """The item has no such choice."""

    code = "CHOICE_NOT_FOUND"
    detail = "The item has no such choice."


class MenuChanged(PreconditionFailed):
    """The menu has another version by now: read it again and put your change on top."""

    code = "MENU_CHANGED"
    detail = "The menu has another version by now: read it again and put your change on top."


class Diet(StrEnum):
    """What an item says about itself to people who do not eat everything."""

    VEGETARIAN = "vegetarian"
    VEGAN = "vegan"
    JAIN = "jain"
    CONTAINS_EGG = "contains_egg"
    NON_VEGETARIAN = "non_vegetarian"
    HALAL = "halal"
    KOSHER = "kosher"
    GLUTEN_FREE = "gluten_free"
    DAIRY_FREE = "dairy_free"
    NUT_FREE = "nut_free"
    CONTAINS_ALCOHOL = "contains_alcohol"


@dataclass(frozen=True, slots=True)
class Category:
    """A heading of the menu."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class MenuItem:
    """One thing on a menu; `price` in minor units of the merchant's currency.

    `category` is the id of one of the menu's categories, or free text where the menu has none. What is
    `stocked` is counted, and can be had only as long as some is left. `image` is an https address or a
    path in our storage.
    """

    id: str
    name: str
    price: int
    available: bool = True
    category: str = ""
    description: str = ""
    dietary: tuple[Diet, ...] = ()
    image: str = ""
    prep_minutes: int | None = None
    stocked: bool = False
    options: tuple[OptionGroup, ...] = ()


@dataclass(frozen=True, slots=True)
class Menu:
    """One version of a merchant's menu."""

    version: int
    items: tuple[MenuItem, ...]
    categories: tuple[Category, ...] = ()


def price_range(item: MenuItem) -> tuple[int, int]:
    """Return the least and the most that one of the item can cost, over every allowed set of choices."""
    lowest = item.price + sum(_least(group) for group in item.options)
    highest = item.price + sum(_most(group) for group in item.options)
    return lowest, highest


def switched(menu: Menu, item_id: str, choice_id: str | None, available: bool) -> Menu:
    """Return the next version, in which the item (or one choice of it) can be had or not, and the same
    one where that is so already. Raises `ItemNotFound` or `ChoiceNotFound`."""
    before = item_of(menu, item_id)
    after = replace(before, available=available) if choice_id is None else _with(before, choice_id, available)
    if after == before:
        return menu
    items = tuple(after if item.id == item_id else item for item in menu.items)
    return replace(menu, version=menu.version + 1, items=items)


def item_of(menu: Menu | None, item_id: str) -> MenuItem:
    """Return one item. Raises `ItemNotFound`."""
    for item in menu.items if menu else ():
        if item.id == item_id:
            return item
    raise ItemNotFound


def _least(group: OptionGroup) -> int:
    deltas = sorted(choice.price_delta for choice in group.choices)
    return sum(deltas[: group.min]) + sum(delta for delta in deltas[group.min : group.max] if delta < 0)


def _most(group: OptionGroup) -> int:
    deltas = sorted((choice.price_delta for choice in group.choices), reverse=True)
    return sum(deltas[: group.min]) + sum(delta for delta in deltas[group.min : group.max] if delta > 0)


def _with(item: MenuItem, choice_id: str, available: bool) -> MenuItem:
    if not any(choice.id == choice_id for group in item.options for choice in group.choices):
        raise ChoiceNotFound
    groups = (
        replace(
            group,
            choices=tuple(
                replace(choice, available=available) if choice.id == choice_id else choice
                for choice in group.choices
            ),
        )
        for group in item.options
    )
    return replace(item, options=tuple(groups))
