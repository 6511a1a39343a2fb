"""Faults come as often as the seed says, by names that can be left out one by one."""

from __future__ import annotations

import pytest

from tests.simulation.faults import FIRST_RATE, FOCUS, FOCUS_RATE, Faults
from tests.simulation.scenario import CRASHES, Fault, Scenario, Theme

SITE = "orders/place_order:place_order firestore/change:DocumentStore.change database.commit"


def scenario(without: frozenset[str] = frozenset()) -> Scenario:
    """Return the first seed in which everything goes wrong, with slow wires among it."""
    seeds = (Scenario(seed, without) for seed in range(100))
    return next(one for one in seeds if one.theme is Theme.ALL and (one.rates["slow"] or without))


def struck(made: Faults, times: int) -> list[str]:
    for _ in range(times):
        made.strikes("slow", "wire")
    return made.injected


def test_a_fault_strikes_as_often_as_its_rate_says() -> None:
    rate = scenario().rates["slow"]
    found = len(struck(Faults(scenario(), lambda _: None), 200_000))
    assert found == pytest.approx(200_000 * rate, rel=0.2)


def test_leaving_one_fault_out_leaves_the_others() -> None:
    all_ = struck(Faults(scenario(), lambda _: None), 20_000)
    some = struck(Faults(Scenario(scenario().seed, frozenset({all_[1]})), lambda _: None), 20_000)
    assert some == [all_[0], *all_[2:]]


def test_nothing_strikes_when_the_trouble_is_over() -> None:
    faults = Faults(scenario(), lambda _: None)
    faults.over = True
    assert struck(faults, 20_000) == []
    assert faults.at_write(SITE, tuple(Fault)) is None


def test_the_first_write_of_a_place_meets_each_crash_in_a_fifth_of_the_seeds() -> None:
    met = []
    for seed in range(400):
        made = Scenario(seed)
        if made.theme is Theme.ALL:
            met.append(Faults(made, lambda _: None).at_write(SITE, tuple(Fault)))
    for crash in CRASHES:
        aimed, by_chance = FOCUS_RATE / len(CRASHES) / FOCUS, FIRST_RATE * (1 - 1 / FOCUS)
        assert met.count(crash) / len(met) == pytest.approx(aimed + by_chance, abs=0.1)


def test_a_seed_that_aims_at_a_place_lets_its_first_writes_meet_all_crashes() -> None:
    met = []
    for seed in range(100):
        made = Scenario(seed)
        if made.theme is Theme.ALL:
            faults = Faults(made, lambda _: None)
            met.append({faults.at_write(SITE, tuple(Fault)) for _ in CRASHES})
    assert sum(one >= set(CRASHES) for one in met) / len(met) > 0.5 * FOCUS_RATE ** len(CRASHES) / FOCUS
