"""Options, marks, categories and images of a menu, and switching one thing off."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.catalogue.menu import (
    Category,
    Diet,
    ItemNotFound,
    Menu,
    MenuItem,
    ModifierNotFound,
    price_range,
    with_availability,
)
from shared.catalogue.menu_checks import MAX_GROUPS, MAX_MODIFIERS, MAX_PRICE, MenuInvalid, check_items
from shared.kernel.modifiers import Modifier, ModifierGroup

pytestmark = pytest.mark.mission("B2")

SIZES = ModifierGroup("size", "Size", 1, 1, (Modifier("s", "Small", -2_000), Modifier("l", "Large", 3_000)))
EXTRAS = ModifierGroup(
    "extra", "Extras", 0, 2, (Modifier("ghee", "Ghee", 1_500), Modifier("nuts", "Nuts", 2_500))
)
DOSA = MenuItem("dosa", "Masala dosa", 12_000, modifier_groups=(SIZES, EXTRAS))
MENU = Menu(3, (DOSA, MenuItem("idli", "Idli", 6_000)))


def _faults(item: MenuItem, *categories: Category) -> set[str]:
    try:
        check_items([MenuItem("idli", "Idli", 6_000), item], categories)
    except MenuInvalid as refusal:
        return {fault.pointer.removeprefix("/items/1") for fault in refusal.errors}
    return set()


def _group(**changes: Any) -> MenuItem:
    return replace(DOSA, modifier_groups=(replace(EXTRAS, **changes),))


def _many(number: int) -> tuple[Modifier, ...]:
    return tuple(Modifier(f"c{n}", "Modifier") for n in range(number))


@pytest.mark.parametrize(
    ("item", "pointer"),
    [
        (_group(min=3, max=3), "/modifier_groups/0/max"),
        (_group(min=2, max=1), "/modifier_groups/0/max"),
        (_group(max=3), "/modifier_groups/0/max"),
        (_group(min=-1), "/modifier_groups/0/max"),
        (_group(max=0), "/modifier_groups/0/max"),
        (_group(modifiers=()), "/modifier_groups/0/modifiers"),
        (_group(modifiers=_many(MAX_MODIFIERS + 1)), "/modifier_groups/0/modifiers"),
        (_group(modifiers=(Modifier("a", "A"), Modifier("a", "B"))), "/modifier_groups/0/modifiers/1/id"),
        (replace(DOSA, modifier_groups=(SIZES, SIZES)), "/modifier_groups/1/id"),
        (
            replace(DOSA, modifier_groups=(SIZES, replace(SIZES, id="other"))),
            "/modifier_groups/1/modifiers/0/id",
        ),
        (
            replace(
                DOSA,
                modifier_groups=tuple(
                    ModifierGroup(f"{n}", "G", 0, 1, (Modifier(f"{n}", "C"),)) for n in range(21)
                ),
            ),
            "/modifier_groups",
        ),
        (replace(DOSA, price=1_999), "/modifier_groups"),
        (replace(DOSA, price=MAX_PRICE - 6_999), "/modifier_groups"),
        (replace(DOSA, dietary=(Diet.VEGAN, Diet.VEGAN)), "/dietary"),
        (replace(DOSA, dietary=(Diet.VEGETARIAN, Diet.NON_VEGETARIAN)), "/dietary"),
        (replace(DOSA, dietary=(Diet.VEGAN, Diet.CONTAINS_EGG)), "/dietary"),
        (replace(DOSA, image="http://images.example/dosa.jpg"), "/image"),
        (replace(DOSA, image="https://user@images.example/dosa.jpg"), "/image"),
        (replace(DOSA, image="https://localhost/dosa.jpg"), "/image"),
        (replace(DOSA, image="https://images.example/a b"), "/image"),
        (replace(DOSA, image="https://images.example/\n"), "/image"),
        (replace(DOSA, image="javascript:alert(1)"), "/image"),
        (replace(DOSA, image="../secrets/key"), "/image"),
        (replace(DOSA, image="/merchants/mer_1/dosa.jpg"), "/image"),
        (replace(DOSA, image="merchants/../dosa.jpg"), "/image"),
    ],
)
def test_what_cannot_stand_is_named(item: MenuItem, pointer: str) -> None:
    assert pointer in _faults(item)


@pytest.mark.parametrize(
    "item",
    [
        DOSA,
        replace(DOSA, price=2_000),
        replace(DOSA, price=MAX_PRICE - 7_000),
        _group(min=2, max=2),
        _group(modifiers=_many(MAX_MODIFIERS)),
        replace(DOSA, image="https://images.example/dosa.jpg?w=200"),
        replace(DOSA, image="merchants/mer_1/dosa.jpg"),
        replace(DOSA, dietary=(Diet.VEGAN, Diet.JAIN, Diet.GLUTEN_FREE)),
    ],
)
def test_what_can_stand_does(item: MenuItem) -> None:
    assert _faults(item) == set()


def test_a_group_too_many_is_named() -> None:
    groups = tuple(
        ModifierGroup(f"g{n}", "G", 0, 1, (Modifier(f"c{n}", "C"),)) for n in range(MAX_GROUPS + 1)
    )
    assert _faults(replace(DOSA, modifier_groups=groups)) == {"/modifier_groups"}
    assert _faults(replace(DOSA, modifier_groups=groups[1:])) == set()


def test_an_item_belongs_to_a_category_of_its_menu_where_there_are_any() -> None:
    snacks = Category("snacks", "Snacks")
    assert _faults(replace(DOSA, category="anything")) == set()
    assert _faults(replace(DOSA, category="snacks"), snacks) == set()
    assert _faults(replace(DOSA, category=""), snacks) == set()
    assert _faults(replace(DOSA, category="anything"), snacks) == {"/category"}
    with pytest.raises(MenuInvalid):
        check_items([DOSA], [snacks, snacks])


@st.composite
def groups(draw: st.DrawFn) -> ModifierGroup:
    deltas = draw(st.lists(st.integers(-500, 500), min_size=1, max_size=5))
    most = draw(st.integers(1, len(deltas)))
    modifiers = tuple(Modifier(f"c{n}", "C", delta) for n, delta in enumerate(deltas))
    return ModifierGroup("g", "G", draw(st.integers(0, most)), most, modifiers)


def _answers(group: ModifierGroup) -> Iterator[int]:
    """What every allowed answer adds to the price."""
    for number in range(group.min, group.max + 1):
        for chosen in itertools.combinations(group.modifiers, number):
            yield sum(modifier.price_delta for modifier in chosen)


@given(price=st.integers(1, 2_000), asked=st.lists(groups(), max_size=3))
def test_the_price_range_is_that_of_every_allowed_answer(price: int, asked: list[ModifierGroup]) -> None:
    item = MenuItem("i", "I", price, modifier_groups=tuple(asked))
    prices = [price + sum(answers) for answers in itertools.product(*(set(_answers(one)) for one in asked))]
    assert price_range(item) == (min(prices), max(prices))


@given(price=st.integers(1, 1_000), asked=st.lists(groups(), max_size=2))
def test_no_item_that_passes_can_ever_cost_less_than_nothing(price: int, asked: list[ModifierGroup]) -> None:
    renamed = tuple(
        replace(group, id=f"g{n}", modifiers=tuple(replace(c, id=f"{n}{c.id}") for c in group.modifiers))
        for n, group in enumerate(asked)
    )
    item = MenuItem("i", "I", price, modifier_groups=renamed)
    free = any(price + sum(answers) < 0 for answers in itertools.product(*map(_answers, renamed)))
    assert ("/modifier_groups" in _faults(item)) == free


class TestSwitching:
    def test_an_item_that_is_with_availability_off_makes_a_new_version_with_all_else_as_it_was(self) -> None:
        after = with_availability(MENU, "dosa", None, available=False)
        assert after == Menu(4, (replace(DOSA, available=False), MENU.items[1]))

    def test_one_choice_can_be_with_availability_off(self) -> None:
        after = with_availability(MENU, "dosa", "nuts", available=False)
        assert [modifier.available for modifier in after.items[0].modifier_groups[1].modifiers] == [
            True,
            False,
        ]
        assert after.items[0].available

    @pytest.mark.parametrize("modifier", [None, "nuts"])
    def test_what_is_so_already_makes_no_version(self, modifier: str | None) -> None:
        assert with_availability(MENU, "dosa", modifier, available=True) is MENU

    def test_what_is_not_there_cannot_be_with_availability(self) -> None:
        with pytest.raises(ItemNotFound):
            with_availability(MENU, "vada", None, available=False)
        with pytest.raises(ModifierNotFound):
            with_availability(MENU, "idli", "nuts", available=False)
