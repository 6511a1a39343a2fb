"""The validation of a menu: limits, unique ids, modifier groups that can be satisfied, prices in range."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from shared.catalogue.images import NO_IMAGE, is_image
from shared.catalogue.menu import Category, Diet, MenuItem, price_range
from shared.kernel.errors import FieldError, Invalid

MAX_ITEMS = 500
MAX_CATEGORIES = 100
MAX_GROUPS = 20
MAX_MODIFIERS = 50
MAX_PRICE = 10_000_000
"""Minor units: one hundred thousand rupees."""

MAX_PREP_MINUTES = 240

_CONTRADICTIONS = (
    (Diet.NON_VEGETARIAN, (Diet.VEGETARIAN, Diet.VEGAN, Diet.JAIN)),
    (Diet.CONTAINS_EGG, (Diet.VEGAN, Diet.JAIN)),
)


class MenuInvalid(Invalid):
    """The menu has invalid items."""

    code = "MENU_INVALID"
    detail = "The menu has invalid items. Correct the fields that `errors` names."


def check_items(items: Sequence[MenuItem], categories: Sequence[Category] = ()) -> None:
    """Raise `MenuInvalid` with every fault of the items and categories.

    A valid menu has 1 to 500 items with unique ids, integer prices from 1 to ten million minor units,
    modifier groups that can be satisfied, and a price of 0 or more with every selection of modifiers.
    """
    if not 1 <= len(items) <= MAX_ITEMS:
        raise MenuInvalid(errors=(FieldError("/items", f"A menu has 1 to {MAX_ITEMS} items."),))
    faults = list(_category_faults(categories))
    uses = Counter(item.id for item in items)
    known = {category.id for category in categories}
    for n, item in enumerate(items):
        faults += (
            FieldError(f"/items/{n}{pointer}", message) for pointer, message in _faults(item, uses, known)
        )
    if faults:
        raise MenuInvalid(errors=tuple(faults))


def _category_faults(categories: Sequence[Category]) -> Iterator[FieldError]:
    if len(categories) > MAX_CATEGORIES:
        yield FieldError("/categories", f"A menu has at most {MAX_CATEGORIES} categories.")
    uses = Counter(category.id for category in categories)
    for n, category in enumerate(categories):
        if uses[category.id] > 1:
            yield FieldError(f"/categories/{n}/id", "Another category has the same id.")


def _faults(item: MenuItem, uses: Counter[str], categories: set[str]) -> Iterator[tuple[str, str]]:
    if type(item.price) is not int or not 0 < item.price <= MAX_PRICE:
        yield "/price", f"A price is a whole number from 1 to {MAX_PRICE}."
        return
    if uses[item.id] > 1:
        yield "/id", "Another item of this menu has the same id."
    if categories and item.category and item.category not in categories:
        yield "/category", "The menu has no category with this id."
    if item.image and not is_image(item.image):
        yield "/image", NO_IMAGE
    yield from _diet_faults(item.dietary)
    yield from _modifier_faults(item)


def _diet_faults(marks: Sequence[Diet]) -> Iterator[tuple[str, str]]:
    if len(set(marks)) < len(marks):
        yield "/dietary", "A mark is repeated."
    for mark, others in _CONTRADICTIONS:
        for other in others:
            if mark in marks and other in marks:
                yield "/dietary", f"An item cannot be {mark} and {other}."


def _modifier_faults(item: MenuItem) -> Iterator[tuple[str, str]]:
    if len(item.modifier_groups) > MAX_GROUPS:
        yield "/modifier_groups", f"An item has at most {MAX_GROUPS} modifier groups."
    groups = Counter(group.id for group in item.modifier_groups)
    modifiers = Counter(each.id for group in item.modifier_groups for each in group.modifiers)
    for n, group in enumerate(item.modifier_groups):
        if groups[group.id] > 1:
            yield f"/modifier_groups/{n}/id", "Another group of this item has the same id."
        if not 1 <= len(group.modifiers) <= MAX_MODIFIERS:
            yield f"/modifier_groups/{n}/modifiers", f"A group has 1 to {MAX_MODIFIERS} modifiers."
        elif not (0 <= group.min <= group.max <= len(group.modifiers) and group.max >= 1):
            yield (
                f"/modifier_groups/{n}/max",
                "min is at most max, and max from 1 to the number of modifiers.",
            )
        for m, each in enumerate(group.modifiers):
            if modifiers[each.id] > 1:
                yield (
                    f"/modifier_groups/{n}/modifiers/{m}/id",
                    "Another modifier of this item has the same id.",
                )
    lowest, highest = price_range(item)
    if lowest < 0:
        yield "/modifier_groups", "Some selection of modifiers takes the price below 0."
    if highest > MAX_PRICE:
        yield "/modifier_groups", f"Some selection of modifiers takes the price above {MAX_PRICE}."
