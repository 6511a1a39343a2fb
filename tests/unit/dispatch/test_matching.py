"""The score and the matching policy."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.adapters.firestore.codec import to_document
from shared.adapters.firestore.dispatch_orders import ORDERS
from shared.dispatch.domain import Assignment, Order
from shared.dispatch.drivers import DriverStatus
from shared.dispatch.matching import Candidate, Config, is_available, score, sequential
from shared.dispatch.scoring import Weights
from shared.kernel.order import Fulfilment
from tests import builders
from tests.builders import NOW
from tests.unit.dispatch.world import SHOP, north

pytestmark = pytest.mark.mission("E2")

CONFIG = Config()


def candidate(driver_id: str = "asha", metres: float = 500, **changes: object) -> Candidate:
    base = Candidate(driver_id, north(metres), NOW, DriverStatus.ONLINE, 0, 2, 4.5, 0.8)
    return replace(base, **changes)  # type: ignore[arg-type]


def order(id: str = "ord_1", excluded_drivers: tuple[str, ...] = ()) -> Order:  # noqa: A002
    made = ORDERS.parse(to_document(builders.order(Fulfilment.READY, id=id)))
    return replace(made, assignment=Assignment(excluded_drivers=excluded_drivers))


def total(driver: Candidate) -> float:
    return score(driver, north(0), CONFIG).total


candidates = st.builds(
    candidate,
    driver_id=st.text("abc", min_size=1, max_size=3),
    metres=st.floats(0, 20_000),
    load=st.integers(0, 3),
    rating=st.floats(1, 5),
    acceptance=st.floats(0, 1),
)


def test_the_weights_are_those_of_the_seed_and_add_up_to_one() -> None:
    weights = Weights()
    assert (weights.distance, weights.rating, weights.acceptance, weights.load) == (0.40, 0.25, 0.20, 0.15)
    assert sum((0.40, 0.25, 0.20, 0.15)) == pytest.approx(1)


def test_the_perfect_driver_scores_one_and_the_worst_zero() -> None:
    perfect = score(candidate(metres=0, rating=5.0, acceptance=1.0), north(0), CONFIG)
    worst = score(candidate(metres=12_001, rating=1.0, acceptance=0.0, load=2), north(0), CONFIG)
    assert perfect.total == pytest.approx(1)
    assert worst.total == 0


def test_a_score_keeps_every_term_and_its_weight() -> None:
    kept = score(candidate(metres=6_000, rating=3.0, acceptance=0.5, load=1), north(0), CONFIG)
    assert kept.distance == pytest.approx(0.5, abs=0.001)
    assert (kept.rating, kept.acceptance, kept.load) == (0.5, 0.5, 0.5)
    assert kept.total == pytest.approx(0.5, abs=0.001)
    assert kept.weights == CONFIG.weights


@given(candidates)
def test_every_term_and_the_total_stay_between_zero_and_one(driver: Candidate) -> None:
    found = score(driver, north(0), CONFIG)
    for value in (found.total, found.distance, found.rating, found.acceptance, found.load):
        assert 0 <= value <= 1 + 1e-9


@given(candidates, st.floats(0, 20_000))
def test_nearer_is_never_worse(driver: Candidate, metres: float) -> None:
    other = replace(driver, point=north(metres))
    nearer, farther = sorted((driver, other), key=lambda c: abs(c.point.lat - SHOP.lat))
    assert total(nearer) >= total(farther) - 1e-9


@given(candidates, st.floats(0, 1), st.floats(1, 5), st.integers(0, 3))
def test_better_rated_more_willing_or_less_loaded_is_never_worse(
    driver: Candidate, acceptance: float, rating: float, load: int
) -> None:
    better = replace(
        driver,
        acceptance=max(driver.acceptance, acceptance),
        rating=max(driver.rating, rating),
        load=min(driver.load, load),
    )
    assert total(better) >= total(driver) - 1e-9


@given(st.lists(candidates, max_size=8, unique_by=lambda c: c.driver_id))
def test_the_best_available_driver_is_proposed_whatever_the_order_of_the_list(
    drivers: list[Candidate],
) -> None:
    forwards = sequential([order()], drivers, NOW, CONFIG)
    backwards = sequential([order()], drivers[::-1], NOW, CONFIG)
    free = [driver for driver in drivers if is_available(driver, NOW, CONFIG)]
    assert forwards == backwards
    assert [p.score.total for p in forwards] == sorted(map(total, free))[-1:]


@given(st.lists(candidates, max_size=5, unique_by=lambda c: c.driver_id), st.integers(0, 6))
def test_no_driver_is_proposed_for_two_orders_and_no_order_gets_two_drivers(
    drivers: list[Candidate], count: int
) -> None:
    orders = [order(f"ord_{n}") for n in range(count)]
    proposals = sequential(orders, drivers, NOW, CONFIG)
    assert len({p.driver_id for p in proposals}) == len(proposals) == len({p.order_id for p in proposals})
    assert len(proposals) == min(count, sum(is_available(driver, NOW, CONFIG) for driver in drivers))


@pytest.mark.parametrize(
    "changes",
    [
        {"status": DriverStatus.OFFLINE},
        {"status": DriverStatus.ON_BREAK},
        {"load": 2},
        {"located_at": NOW - timedelta(seconds=61)},
        {"outstanding_offer": "off_other_1"},
    ],
    ids=[
        "offline",
        "on a break",
        "at the load cap",
        "without a recent position",
        "with an outstanding offer",
    ],
)
def test_a_driver_is_not_proposed_who_is(changes: dict[str, object]) -> None:
    assert sequential([order()], [candidate(**changes)], NOW, CONFIG) == ()  # type: ignore[arg-type]


def test_an_excluded_driver_is_not_proposed() -> None:
    drivers = [candidate("asha", 100), candidate("bala", 5_000)]
    assert [p.driver_id for p in sequential([order(excluded_drivers=("asha",))], drivers, NOW, CONFIG)] == [
        "bala"
    ]


def test_equal_drivers_are_proposed_in_the_order_of_their_ids() -> None:
    drivers = [candidate("bala"), candidate("asha")]
    assert [p.driver_id for p in sequential([order()], drivers, NOW, CONFIG)] == ["asha"]


def test_search_delays_grow_to_half_a_minute() -> None:
    assert [CONFIG.search_delay(n).total_seconds() for n in (1, 2, 10, 11, 500)] == [3, 6, 30, 30, 30]
