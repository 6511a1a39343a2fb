"""Prices: exact, in minor units, and never the client's."""

from __future__ import annotations

from dataclasses import astuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.errors import Invalid
from shared.kernel.modifiers import Modifier, ModifierGroup
from shared.orders.pricing import (
    MAX_MODIFIERS,
    Amounts,
    FeeRules,
    ItemRequest,
    MenuItem,
    ModifiersInvalid,
    UnknownItem,
    delivery_fee,
    priced,
    total,
)

pytestmark = pytest.mark.mission("C1")

SIZE = ModifierGroup(
    "size", "Size", 1, 1, (Modifier("small", "Small", -2_000), Modifier("large", "Large", 5_000))
)
EXTRAS = ModifierGroup(
    "extras",
    "Extras",
    0,
    2,
    (Modifier("ghee", "Ghee", 1_500), Modifier("egg", "Egg", 2_000, available=False)),
)
MENU = [
    MenuItem("dosa", "Masala dosa", 12_050, True),
    MenuItem("idli", "Idli", 6_000, True),
    MenuItem("vada", "Vada", 4_500, False),
    MenuItem("thali", "Thali", 20_000, True, modifier_groups=(SIZE, EXTRAS)),
]


def test_an_order_costs_its_items_the_delivery_and_five_percent_tax_on_the_items() -> None:
    lines = priced([ItemRequest("dosa", 2), ItemRequest("idli", 1)], MENU)
    amounts = total(lines, 3_200, "INR", FeeRules())

    assert [line.total for line in lines] == [24_100, 6_000]
    assert (amounts.items, amounts.delivery_fee, amounts.tax) == (30_100, 2_500 + 2 * 700, 1_505)
    assert amounts.total == 30_100 + 3_900 + 1_505


def test_the_same_item_twice_is_one_line() -> None:
    assert [
        (line.item_id, line.quantity)
        for line in priced([ItemRequest("idli", 1), ItemRequest("idli", 2)], MENU)
    ] == [("idli", 3)]


def test_the_largest_order_leaves_space_in_its_document_for_later_changes() -> None:
    name = "\U0001f35b" * 200
    groups = tuple(
        ModifierGroup(f"{n:0128}", name, 0, 50, tuple(Modifier(f"{n:064}{m:064}", name) for m in range(50)))
        for n in range(20)
    )
    menu = [MenuItem(f"{n:0128}", name, 100, True, modifier_groups=groups) for n in range(50)]
    every = [each.id for group in groups for each in group.modifiers]

    with pytest.raises(Invalid):
        priced([ItemRequest(item.id, 1, tuple(every[:50])) for item in menu], menu)
    lines = priced([ItemRequest(item.id, 1, tuple(every[: MAX_MODIFIERS // 50])) for item in menu], menu)
    assert len(str([astuple(line) for line in lines]).encode()) < 700_000


@pytest.mark.parametrize("item", ["vada", "unheard-of"])
def test_an_unknown_or_unavailable_item_is_refused_with_its_line(item: str) -> None:
    with pytest.raises(UnknownItem) as refused:
        priced([ItemRequest("idli", 1), ItemRequest(item, 1)], MENU)

    assert [error.pointer for error in refused.value.errors] == ["/items/1/item_id"]


def test_modifiers_change_the_unit_price_and_keep_the_menus_order() -> None:
    [line] = priced([ItemRequest("thali", 2, ("ghee", "large"))], MENU)

    assert (line.unit_price, line.total) == (26_500, 53_000)
    assert [(made.group, made.name) for made in line.modifiers] == [("Size", "Large"), ("Extras", "Ghee")]


def test_other_modifiers_make_another_line_and_their_order_does_not_matter() -> None:
    wanted = [
        ItemRequest("thali", 1, ("large", "ghee")),
        ItemRequest("thali", 1, ("ghee", "large")),
        ItemRequest("thali", 1, ("small",)),
    ]

    assert [line.quantity for line in priced(wanted, MENU)] == [2, 1]


@pytest.mark.parametrize(
    ("modifiers", "message"),
    [
        ((), "Size: select exactly 1"),
        (("small", "large"), "Size: select exactly 1"),
        (("small", "egg"), "Egg is unavailable now"),
        (("small", "gold leaf"), "gold leaf is not a modifier of this item"),
        (("small", "ghee", "ghee"), "ghee is selected twice"),
    ],
)
def test_modifiers_that_the_menu_does_not_allow_are_refused_with_a_message(
    modifiers: tuple[str, ...], message: str
) -> None:
    with pytest.raises(ModifiersInvalid) as refused:
        priced([ItemRequest("idli", 1), ItemRequest("thali", 1, modifiers)], MENU)

    errors = [(error.pointer, error.message) for error in refused.value.errors]
    assert errors == [("/items/1/modifiers", message)]


def test_lines_of_one_item_cannot_exceed_the_limit_together() -> None:
    with pytest.raises(Invalid):
        priced([ItemRequest("idli", 60), ItemRequest("idli", 60)], MENU)
    with pytest.raises(Invalid):
        priced([ItemRequest("thali", 60, ("small",)), ItemRequest("thali", 60, ("large",))], MENU)


@pytest.mark.parametrize(
    ("metres", "fee"), [(0, 2_500), (2_000, 2_500), (2_001, 3_200), (3_000, 3_200), (3_001, 3_900)]
)
def test_each_started_kilometre_beyond_the_first_two_costs(metres: int, fee: int) -> None:
    assert delivery_fee(metres, FeeRules()) == fee


@pytest.mark.parametrize(("quantity", "fee"), [(1, 1_500), (2, 0)])
def test_a_small_order_costs_a_fee(quantity: int, fee: int) -> None:
    amounts = total(priced([ItemRequest("idli", quantity)], MENU), 0, "INR", FeeRules())

    assert amounts.small_order_fee == fee
    assert amounts.total == amounts.items + amounts.delivery_fee + amounts.tax + fee


def test_a_tip_is_not_taxed_and_a_promotion_lowers_the_tax_on_the_items() -> None:
    lines = priced([ItemRequest("dosa", 2)], MENU)
    plain = total(lines, 0, "INR", FeeRules())
    tipped = total(lines, 0, "INR", FeeRules(), tip=5_000)
    cheaper = total(lines, 0, "INR", FeeRules(), promo=lambda items, fee: 10_000)

    assert (tipped.total - plain.total, tipped.tax) == (5_000, plain.tax)
    assert (cheaper.discount, plain.tax - cheaper.tax) == (10_000, 500)


wishes = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["dosa", "idli"]), st.integers(1, 20), st.just(())),
        st.tuples(
            st.just("thali"),
            st.integers(1, 20),
            st.sampled_from([("small",), ("large",), ("small", "ghee"), ("large", "ghee")]),
        ),
    ),
    min_size=1,
    max_size=4,
)


def _amounts(wanted: list[tuple[str, int, tuple[str, ...]]], metres: int, tip: int, off: int) -> Amounts:
    lines = priced([ItemRequest(*line) for line in wanted], MENU)
    return total(lines, metres, "INR", FeeRules(), tip=tip, promo=lambda items, fee: off)


@given(wishes, st.integers(0, 20_000), st.integers(0, 100_000), st.integers(-(10**6), 10**7))
def test_the_total_is_the_sum_of_its_parts_and_no_part_is_negative(
    wanted: list[tuple[str, int, tuple[str, ...]]], metres: int, tip: int, off: int
) -> None:
    a = _amounts(wanted, metres, tip, off)

    assert a.total == a.items + a.delivery_fee + a.small_order_fee + a.tax + a.tip - a.discount
    assert min(a.items, a.delivery_fee, a.small_order_fee, a.tax, a.tip, a.discount) >= 0
    assert a.total >= a.small_order_fee + a.tip


@given(wishes, st.integers(0, 20_000), st.integers(0, 10**6))
def test_tax_is_within_half_a_paisa_of_five_percent_of_the_discounted_items(
    wanted: list[tuple[str, int, tuple[str, ...]]], metres: int, off: int
) -> None:
    a = _amounts(wanted, metres, 0, off)
    taxed = a.items - min(a.discount, a.items)

    assert abs(a.tax * 10_000 - taxed * 500) <= 5_000


@given(wishes)
def test_the_sequence_of_the_requested_items_changes_no_amount(
    wanted: list[tuple[str, int, tuple[str, ...]]],
) -> None:
    assert _amounts(wanted, 500, 0, 0) == _amounts(wanted[::-1], 500, 0, 0)


@given(st.integers(0, 50_000), st.integers(0, 50_000))
def test_a_longer_distance_is_never_cheaper(near: int, far: int) -> None:
    near, far = sorted((near, far))
    assert delivery_fee(near, FeeRules()) <= delivery_fee(far, FeeRules())
