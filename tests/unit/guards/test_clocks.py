"""A decision of a batch rests on the time at which it is made, not on the time at which the batch began."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.unit.guards.sources import functions, functions_in, one_reading_for_many

pytestmark = pytest.mark.mission("E2")

REASONS: Mapping[str, str] = {
    "shared/dispatch/usecases/make_offer.py:_offer_to_best": (
        "the loop ends with the first offer that is made; its time is that of the commit (ADR 0014)"
    ),
    "shared/operations/usecases/sweep_outbox.py:load": "the time is the label of what was set aside",
}
"""Loops that may share one reading."""


def test_fault_10_no_loop_passes_one_reading_of_the_clock_to_many_decisions() -> None:
    found = {
        place: calls
        for place, function in functions("shared", "functions")
        if (calls := one_reading_for_many(function)) and place not in REASONS
    }
    assert found == {}


def test_each_reason_is_about_a_loop_that_exists() -> None:
    shared = {place for place, one in functions("shared", "functions") if one_reading_for_many(one)}
    assert set(REASONS) <= shared


@pytest.mark.parametrize(
    "source",
    [
        "async def sweep(orders, now):\n    for order in orders:\n        await expire(order, now=now)",
        "async def sweep(due, clock):\n    now = clock()\n    for one in due:\n        await end(one, now)",
        "async def sweep(orders, now):\n    await gather(*(expire(order, now=now) for order in orders))",
        "async def sweep(orders, now):\n    while orders:\n        await expire(orders.pop(), now=now)",
    ],
)
def test_the_guard_sees_one_reading_for_many(source: str) -> None:
    [function] = functions_in(source)
    assert len(one_reading_for_many(function)) == 1


@pytest.mark.parametrize(
    "source",
    [
        "async def sweep(orders, clock):\n    for order in orders:\n        await expire(order, now=clock())",
        "async def run(due, clock):\n    for one in due:\n        now = clock()\n        await end(one, now)",
        "async def start(order, now):\n    for _ in range(3):\n        await attempt(order, now=now)",
        "def due(orders, now):\n    return [order for order in orders if order.due(now)]",
    ],
)
def test_the_guard_lets_a_new_reading_and_a_retry_pass(source: str) -> None:
    [function] = functions_in(source)
    assert one_reading_for_many(function) == []
