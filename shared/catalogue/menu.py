"""The menu of a merchant. A menu version never changes, so that an order can be priced by it later."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from shared.kernel.errors import NotFound, PreconditionFailed
from shared.kernel.modifiers import ModifierGroup


class MenuNotFound(NotFound):
    """This merchant has no menu yet."""

    code = "MENU_NOT_FOUND"
    detail = "This merchant has not published a menu yet."


class MenuVersionNotFound(NotFound):
    """This menu has no such version."""

    code = "MENU_VERSION_NOT_FOUND"
    detail = "This menu has no such version."


class ItemNotFound(NotFound):
    """The current menu has no such item."""

    code = "ITEM_NOT_FOUND"
    detail = "The current menu has no such item. Read the menu again."


class ModifierNotFound(NotFound):
    """The item has no such modifier."""

    code = "MODIFIER_NOT_FOUND"
    detail = "The item has no such modifier. Read the menu again."


class MenuChanged(PreconditionFailed):
    """Another request published a newer version of the menu."""

    code = "MENU_CHANGED"
    detail = "Another request published a newer version of the menu. Read it again and repeat your change."


class Diet(StrEnum):
    """A dietary mark of an item."""

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
    """One item of a menu. `price` is in minor units of the merchant's currency.

    `category` is the id of one of the menu's categories, or free text where the menu has none. The stock
    of a `stocked` item is tracked: it can be ordered while its stock is above zero. `image` is an https
    address or a path in our storage.
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
    modifier_groups: tuple[ModifierGroup, ...] = ()


@dataclass(frozen=True, slots=True)
class Menu:
    """One version of a merchant's menu."""

    version: int
    items: tuple[MenuItem, ...]
    categories: tuple[Category, ...] = ()


def price_range(item: MenuItem) -> tuple[int, int]:
    """Return the lowest and the highest price of one unit, over every allowed selection of modifiers."""
    lowest = item.price + sum(_least(group) for group in item.modifier_groups)
    highest = item.price + sum(_most(group) for group in item.modifier_groups)
    return lowest, highest


def with_availability(menu: Menu, item_id: str, modifier_id: str | None, available: bool) -> Menu:
    """Return the next version of the menu, with the availability of an item or of one of its modifiers.

    The same version comes back where nothing changes. Raises `ItemNotFound` or `ModifierNotFound`.
    """
    before = item_of(menu, item_id)
    if modifier_id is None:
        after = replace(before, available=available)
    else:
        after = _with_modifier(before, modifier_id, available)
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


def _least(group: ModifierGroup) -> int:
    deltas = sorted(each.price_delta for each in group.modifiers)
    return sum(deltas[: group.min]) + sum(delta for delta in deltas[group.min : group.max] if delta < 0)


def _most(group: ModifierGroup) -> int:
    deltas = sorted((each.price_delta for each in group.modifiers), reverse=True)
    return sum(deltas[: group.min]) + sum(delta for delta in deltas[group.min : group.max] if delta > 0)


def _with_modifier(item: MenuItem, modifier_id: str, available: bool) -> MenuItem:
    if not any(each.id == modifier_id for group in item.modifier_groups for each in group.modifiers):
        raise ModifierNotFound
    groups = (
        replace(
            group,
            modifiers=tuple(
                replace(each, available=available) if each.id == modifier_id else each
                for each in group.modifiers
            ),
        )
        for group in item.modifier_groups
    )
    return replace(item, modifier_groups=tuple(groups))
