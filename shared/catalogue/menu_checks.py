"""What a menu must be like to stand: bounds, ids of their own, options that can be answered, fair prices."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from shared.catalogue.images import NO_IMAGE, is_image
from shared.catalogue.menu import Category, Diet, MenuItem, price_range
from shared.kernel.errors import FieldError, Invalid

MAX_ITEMS = 500
MAX_CATEGORIES = 100
MAX_GROUPS = 20
MAX_CHOICES = 50
MAX_PRICE = 10_000_000
"""Minor units: one hundred thousand rupees."""

MAX_PREP_MINUTES = 240

_CONTRADICTIONS = (
    (Diet.NON_VEGETARIAN, (Diet.VEGETARIAN, Diet.VEGAN, Diet.JAIN)),
    (Diet.CONTAINS_EGG, (Diet.VEGAN, Diet.JAIN)),
)


class MenuInvalid(Invalid):
    """The menu has items that cannot stand as they are."""

    code = "MENU_INVALID"
    detail = "The menu has items that cannot stand as they are."


def check_items(items: Sequence[MenuItem], categories: Sequence[Category] = ()) -> None:
    """Raise `MenuInvalid`, naming every fault, unless there are 1 to 500 items with ids of their own,
    whole prices from 1 to ten million, options that can be answered, and a price of 0 or more however
    they are."""
    if not 1 <= len(items) <= MAX_ITEMS:
        raise MenuInvalid(errors=(FieldError("/items", f"A menu has 1 to {MAX_ITEMS} items."),))
    faults = list(_category_faults(categories))
    uses = Counter(item.id for item in items)
    known = {category.id for category in categories}
    for n, item in enumerate(items):
        faults += (FieldError(f"/items/{n}{pointer}", said) for pointer, said in _faults(item, uses, known))
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
        yield "/category", "This is none of the menu's categories."
    if item.image and not is_image(item.image):
        yield "/image", NO_IMAGE
    yield from _diet_faults(item.dietary)
    yield from _option_faults(item)


def _diet_faults(marks: Sequence[Diet]) -> Iterator[tuple[str, str]]:
    if len(set(marks)) < len(marks):
        yield "/dietary", "A mark is there twice."
    for mark, others in _CONTRADICTIONS:
        for other in others:
            if mark in marks and other in marks:
                yield "/dietary", f"Nothing is {mark} and {other} at once."


def _option_faults(item: MenuItem) -> Iterator[tuple[str, str]]:
    if len(item.options) > MAX_GROUPS:
        yield "/options", f"An item has at most {MAX_GROUPS} groups of options."
    groups = Counter(group.id for group in item.options)
    choices = Counter(choice.id for group in item.options for choice in group.choices)
    for n, group in enumerate(item.options):
        if groups[group.id] > 1:
            yield f"/options/{n}/id", "Another group of this item has the same id."
        if not 1 <= len(group.choices) <= MAX_CHOICES:
            yield f"/options/{n}/choices", f"A group has 1 to {MAX_CHOICES} choices."
        elif not (0 <= group.min <= group.max <= len(group.choices) and group.max >= 1):
            yield f"/options/{n}/max", "min is at most max, and max from 1 to the number of choices."
        for m, choice in enumerate(group.choices):
            if choices[choice.id] > 1:
                yield f"/options/{n}/choices/{m}/id", "Another choice of this item has the same id."
    lowest, highest = price_range(item)
    if lowest < 0:
        yield "/options", "With some choices the price would fall below 0."
    if highest > MAX_PRICE:
        yield "/options", f"With some choices the price would rise above {MAX_PRICE}."
