"""Many seeds on all cores, and what they came to together."""

from __future__ import annotations

import gc
import logging
import multiprocessing
import os
import time
import warnings
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from tests.simulation.run import Result, run
from tests.simulation.scenario import CRASHES, Scenario
from tests.simulation.sites import use_cases


@dataclass
class Summary:
    """The sum of many runs; `failures` keep their traces."""

    seeds: int = 0
    steps: int = 0
    seconds: float = 0.0
    faults: Counter[str] = field(default_factory=Counter)
    states: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    businesses: Counter[str] = field(default_factory=Counter)
    """The number of seeds by the business that they act out."""
    delivered: Counter[str] = field(default_factory=Counter)
    """The number of delivered orders by that business."""
    sites: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    reached: set[str] = field(default_factory=set)
    failures: list[Result] = field(default_factory=list)

    def add(self, result: Result) -> None:
        """Take one run into account."""
        self.seeds += 1
        self.businesses[result.business] += 1
        self.delivered[result.business] += result.outcomes["delivered"]
        self.steps += result.steps
        self.faults.update(name.partition("@")[0] for name in result.injected)
        self.states.update(result.states)
        self.reached |= result.reached
        self.outcomes.update(result.outcomes)
        for site, counts in result.sites.items():
            self.sites[site].update(counts)
        if result.violation:
            self.failures.append(result)

    def missing(self) -> list[tuple[str, str]]:
        """Return the pairs of a write site and a crash that no seed has met."""
        return [(site, kind) for site in sorted(self.sites) for kind in CRASHES if not self.sites[site][kind]]

    def unreached(self) -> list[str]:
        """Return the use cases by which nothing was written in any run.

        One that only starts others, each in a task of its own, is among them.
        """
        return sorted(use_cases() - self.reached)

    def covered(self) -> float:
        """Return the share of those pairs that were met."""
        pairs = len(self.sites) * len(CRASHES)
        return 1 - len(self.missing()) / pairs if pairs else 0.0


def sweep(
    seeds: Iterable[int], steps: int, without: frozenset[str], heard: Callable[[Summary], None]
) -> Summary:
    """Run the seeds on every core; `heard` is called after each."""
    summary, began = Summary(), time.perf_counter()
    jobs = [(seed, steps, without) for seed in seeds]
    with multiprocessing.get_context("spawn").Pool(os.cpu_count(), quiet) as pool:
        for result in pool.imap_unordered(_one, jobs, chunksize=1):
            summary.add(result)
            summary.seconds = time.perf_counter() - began
            heard(summary)
    summary.failures.sort(key=lambda result: result.seed)
    return summary


def quiet() -> None:
    """Keep the logs of production code to itself: a simulated fault is no news, nor is who never began."""
    gc.freeze()  # what has been imported is there to stay, and need not be looked at again
    logging.disable(logging.CRITICAL)
    warnings.filterwarnings("ignore", "coroutine .* was never awaited", RuntimeWarning)


def _one(job: tuple[int, int, frozenset[str]]) -> Result:
    seed, steps, without = job
    gc.disable()  # what a run leaves behind is collected at once, which is faster by a sixth
    result = run(Scenario(seed, without), steps=steps)
    gc.collect()
    return replace(result, sites={site: Counter(counts) for site, counts in result.sites.items()})
