"""Plants every bug in turn and looks for the first seed that notices."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Sequence

from tests.simulation.campaign import quiet
from tests.simulation.mutants.city import CITY
from tests.simulation.mutants.delivery import DELIVERY
from tests.simulation.mutants.engine import Mutant, planted
from tests.simulation.mutants.inputs import INPUTS
from tests.simulation.mutants.machinery import MACHINERY
from tests.simulation.mutants.money import MONEY
from tests.simulation.mutants.people import PEOPLE
from tests.simulation.mutants.promises import PROMISES
from tests.simulation.mutants.recurrences import RECURRENCES
from tests.simulation.run import run
from tests.simulation.scenario import LOCAL_SHOPS, Scenario
from tests.simulation.watch import Violation

SEEDS = 200
MUTANTS = (*MACHINERY, *MONEY, *DELIVERY, *RECURRENCES, *CITY, *PEOPLE, *INPUTS, *PROMISES)
Caught = tuple[int, Violation] | None

FOOD_ALONE = frozenset({LOCAL_SHOPS})
"""Bugs are looked for where all shops sell food: most of them need a kitchen."""


def hunt(mutants: Sequence[Mutant], say: Callable[[str], None]) -> int:
    """Run each mutant until a seed catches it; return how many none did."""
    say(f"{'mutant':<52} {'seed':>5}  invariant")
    survivors = 0
    with multiprocessing.get_context("spawn").Pool(os.cpu_count(), quiet) as pool:
        results = pool.imap(first_catch, [mutant.name for mutant in mutants], chunksize=1)
        for mutant, caught in zip(mutants, results, strict=True):
            survivors += caught is None
            say(_row(mutant, caught))
    return survivors


def first_catch(name: str) -> Caught:
    """Return the first seed that notices the bug with this name, and how."""
    with planted(next(mutant for mutant in MUTANTS if mutant.name == name)):
        for seed in range(SEEDS):
            found = run(Scenario(seed, FOOD_ALONE)).violation
            if found:
                return seed, found
    return None


def _row(mutant: Mutant, caught: Caught) -> str:
    if caught is None:
        return f"{mutant.name:<52}     -  SURVIVED {SEEDS} seeds"
    seed, violation = caught
    return f"{mutant.name:<52} {seed:>5}  {violation.invariant}: {violation.message[:90]}"
