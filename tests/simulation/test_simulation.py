"""The whole system under a few hundred seeds, and that a seed says the same each time."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.simulation.campaign import Summary, sweep
from tests.simulation.deployed import MANIFESTS
from tests.simulation.mutants.delivery import ANY_STEP
from tests.simulation.mutants.engine import Mutant, planted
from tests.simulation.mutants.hunt import MUTANTS
from tests.simulation.mutants.markers import markers
from tests.simulation.run import run
from tests.simulation.runtime import ports_class
from tests.simulation.scenario import CRASHES, Scenario, Theme
from tests.simulation.shrink import Shrinker

pytestmark = [
    pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning"),
    pytest.mark.timeout(3600),  # the first test waits for all seeds: a slow machine may need half an hour
]

SEEDS = 200

REGRESSIONS = {
    0: "a block that was taken back while the other's stood was refused after a lost answer",
    3: "a lost answer to the outbox's deletion ended the sweep with an unforeseen error",
    4: "an order for later that was paid late began at the end of all patience",
}
"""Seeds that have found a bug in production code, and which."""


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture(scope="module")
def summary() -> Summary:
    return sweep(range(SEEDS), 0, frozenset(), lambda _: None)


def test_no_invariant_is_broken_under_any_seed(summary: Summary) -> None:
    found = [(failure.seed, failure.violation) for failure in summary.failures]
    assert found == [], "replay one with: make simulate SEED=<seed>"


def test_every_kind_of_end_is_reached(summary: Summary) -> None:
    assert set(summary.outcomes) >= {
        "cancelled, refunded",
        "cancelled, unpaid",
        "delivered",
        "no driver",
        "returned",
    }


def test_nearly_every_write_site_meets_every_crash(summary: Summary) -> None:
    """The full thousand seeds of `make simulate SEEDS=1000` are to meet all of them; many sites are rare."""
    assert summary.covered() > 0.92, summary.missing()


@pytest.mark.parametrize("seed", REGRESSIONS, ids=str)
def test_seeds_that_once_found_a_bug_find_it_no_more(seed: int) -> None:
    assert run(Scenario(seed)).violation is None, REGRESSIONS[seed]


def test_the_same_seed_runs_the_same_way_in_another_process() -> None:
    """Whatever the hash seed there: the trace is the same to the last line."""
    code = "import logging; logging.disable(logging.CRITICAL)\n"
    code += "from tests.simulation.run import run; from tests.simulation.scenario import Scenario\n"
    code += "print(run(Scenario(7)).digest)"
    environment = {**os.environ, "PYTHONHASHSEED": "4711"}
    other = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment, timeout=600
    )
    assert other.stdout.strip() == run(Scenario(7)).digest


def test_another_seed_is_another_run() -> None:
    assert run(Scenario(7)).digest != run(Scenario(8)).digest


def test_a_run_can_be_cut_short() -> None:
    cut = run(Scenario(7), steps=100)
    assert cut.violation is None
    assert 100 <= cut.steps < 120


def test_a_failure_is_shrunk_to_less_that_fails_alike() -> None:
    with planted(ANY_STEP):
        failing = next(result for result in (run(Scenario(seed)) for seed in range(50)) if result.violation)
        shrinker = Shrinker(failing)
        small = shrinker.shrink()
        again = run(small)
    assert small.without
    assert again.violation is not None
    assert failing.violation is not None
    assert again.violation.invariant == failing.violation.invariant
    assert len(again.injected) < len(failing.injected)
    assert run(small).violation is None, "the bug is gone again"


def test_each_crash_happens_at_some_site(summary: Summary) -> None:
    assert all(summary.faults[kind] for kind in CRASHES)


def test_every_theme_is_met() -> None:
    assert {Scenario(seed).theme for seed in range(SEEDS)} == set(Theme)


def test_half_of_the_seeds_have_no_operator() -> None:
    without = sum(not Scenario(seed).operator for seed in range(SEEDS))
    assert 0.4 < without / SEEDS < 0.6


def test_some_outages_last_for_minutes_and_none_outlives_the_faults() -> None:
    scenarios = [Scenario(seed) for seed in range(SEEDS)]
    assert max(outage.lasts for scenario in scenarios for outage in scenario.outages) > 300
    for scenario in scenarios:
        assert all(o.at + o.lasts <= scenario.faults_s + 0.001 for o in scenario.outages)


def test_every_deployed_function_takes_part() -> None:
    """The simulation builds the ports of each function over its own runtime."""
    assert all(ports_class(function) for function in MANIFESTS)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_each_mutant_still_fits_the_code_that_it_changes(mutant: Mutant) -> None:
    with planted(mutant):
        pass


def test_each_marker_in_the_code_has_one_mutant() -> None:
    assert sorted(marker.name for marker in markers()) == sorted(mutant.marker for mutant in MUTANTS)
