"""Prices: exact, in minor units, and never the client's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.errors import Invalid
from shared.orders.pricing import FeeRules, MenuItem, UnknownItem, Wanted, delivery_fee, priced, total

MENU = [
    MenuItem("dosa", "Masala dosa", 12_050, True),
    MenuItem("idli", "Idli", 6_000, True),
    MenuItem("vada", "Vada", 4_500, False),
]


def test_an_order_costs_its_items_the_delivery_and_five_percent_tax_on_the_items() -> None:
    lines = priced([Wanted("dosa", 2), Wanted("idli", 1)], MENU)
    amounts = total(lines, 3_200, "INR", FeeRules())

    assert [line.total for line in lines] == [24_100, 6_000]
    assert (amounts.items, amounts.delivery_fee, amounts.tax) == (30_100, 2_500 + 2 * 700, 1_505)
    assert amounts.total == 30_100 + 3_900 + 1_505


def test_the_same_item_twice_is_one_line() -> None:
    assert [
        (line.item_id, line.quantity) for line in priced([Wanted("idli", 1), Wanted("idli", 2)], MENU)
    ] == [("idli", 3)]


@pytest.mark.parametrize("item", ["vada", "unheard-of"])
def test_an_item_that_is_unknown_or_not_available_is_refused_by_its_line(item: str) -> None:
    with pytest.raises(UnknownItem) as refused:
        priced([Wanted("idli", 1), Wanted(item, 1)], MENU)

    assert [error.pointer for error in refused.value.errors] == ["/items/1/item_id"]


def test_lines_of_one_item_cannot_add_up_beyond_the_limit() -> None:
    with pytest.raises(Invalid):
        priced([Wanted("idli", 60), Wanted("idli", 60)], MENU)


@pytest.mark.parametrize(
    ("metres", "fee"), [(0, 2_500), (2_000, 2_500), (2_001, 3_200), (3_000, 3_200), (3_001, 3_900)]
)
def test_each_kilometre_begun_beyond_the_first_two_costs(metres: int, fee: int) -> None:
    assert delivery_fee(metres, FeeRules()) == fee


@given(st.lists(st.tuples(st.sampled_from(["dosa", "idli"]), st.integers(1, 40)), min_size=1, max_size=2))
def test_the_total_is_the_sum_of_its_parts_and_tax_is_within_half_a_paisa(
    wanted: list[tuple[str, int]],
) -> None:
    amounts = total(priced([Wanted(*line) for line in wanted], MENU), 1_000, "INR", FeeRules())

    assert amounts.total == amounts.items + amounts.delivery_fee + amounts.tax
    assert abs(amounts.tax * 10_000 - amounts.items * 500) <= 5_000


@given(st.integers(0, 50_000), st.integers(0, 50_000))
def test_further_is_never_cheaper(near: int, far: int) -> None:
    near, far = sorted((near, far))
    assert delivery_fee(near, FeeRules()) <= delivery_fee(far, FeeRules())
