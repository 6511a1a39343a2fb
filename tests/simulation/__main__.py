"""`python -m tests.simulation`: many seeds with a summary, or one with its trace."""

from __future__ import annotations

import argparse
import sys
from itertools import count, islice

from rich.console import Console

from tests.simulation import report
from tests.simulation.campaign import quiet, sweep
from tests.simulation.run import run
from tests.simulation.scenario import Scenario
from tests.simulation.shrink import Shrinker

BUSINESSES = ("", "food", "local")


def main() -> int:
    """Return 1 when an invariant did not hold."""
    quiet()
    options = _options()
    without = frozenset(part for part in options.without.split(",") if part)
    console = Console(soft_wrap=True, highlight=False, markup=False)
    if options.seed is not None:
        return _replay(console, options.seed, options.steps, without)
    with report.progress(console, options.seeds) as heard:
        summary = sweep(_seeds(options, without), options.steps, without, heard)
    report.show(console, summary)
    for failure in summary.failures[:10]:
        report.show_failure(console, failure, without)
    if summary.failures:
        _shrink(console, summary.failures[0].seed, without)
    return 1 if summary.failures else 0


def _seeds(options: argparse.Namespace, without: frozenset[str]) -> list[int]:
    """Return so many seeds from the first on, of one business where one is named."""
    wanted = (n for n in count(options.first) if options.business in ("", Scenario(n, without).business))
    return list(islice(wanted, options.seeds))


def _replay(console: Console, seed: int, steps: int, without: frozenset[str]) -> int:
    result = run(Scenario(seed, without), keep_trace=True, steps=steps)
    for line in result.lines:
        console.print(line)
    console.print(f"{result.steps} steps, trace {result.digest[:16]}, orders: {dict(result.outcomes)}")
    if result.violation is None:
        return 0
    report.show_failure(console, result, without)
    return 1


def _shrink(console: Console, seed: int, without: frozenset[str]) -> None:
    console.print(f"shrinking seed {seed} ...")
    shrinker = Shrinker(run(Scenario(seed, without)), without)
    if shrinker.result.violation is None:
        return  # it needed the limit of steps
    shrinker.shrink()
    console.print("the same with less:")
    report.show_failure(console, shrinker.result, shrinker.without)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seeds", type=int, default=200, help="how many seeds to run")
    parser.add_argument("--first", type=int, default=0, help="the first of them")
    parser.add_argument("--steps", type=int, default=0, help="end each run after so many port calls")
    parser.add_argument("--seed", type=int, help="replay one seed with its trace")
    parser.add_argument("--business", default="", choices=BUSINESSES, help="only seeds that act it out")
    parser.add_argument("--without", default="", help="actors and faults to leave out, by comma")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
