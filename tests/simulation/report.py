"""What the terminal says: progress while it runs, then what the runs came to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from tests.simulation.campaign import Summary
from tests.simulation.run import Result

LINE_EVERY = 50
MOST_LISTED = 40


@contextmanager
def progress(console: Console, seeds: int) -> Iterator[Callable[[Summary], None]]:
    """Show a bar on a terminal, a line now and then in a pipe."""
    if not console.is_terminal:
        yield lambda summary: _line(console, summary, seeds)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("simulating", total=seeds)
        yield lambda summary: bar.update(task, completed=summary.seeds, description=_state(summary))


def _line(console: Console, summary: Summary, seeds: int) -> None:
    if summary.seeds % LINE_EVERY == 0 or summary.seeds == seeds:
        console.print(f"{summary.seeds}/{seeds} seeds, {_state(summary)}")


def _state(summary: Summary) -> str:
    return f"{summary.steps} steps, {len(summary.failures)} violations"


def show(console: Console, summary: Summary) -> None:
    """Print the summary."""
    rate = summary.steps / summary.seconds if summary.seconds else 0
    console.print(
        f"\n{summary.seeds} seeds, {summary.steps} steps in {summary.seconds:.1f} s ({rate:.0f} steps/s)"
    )
    for business, seeds in sorted(summary.businesses.items()):
        failed = sum(failure.business == business for failure in summary.failures)
        delivered = summary.delivered[business]
        console.print(f"  {business}: {seeds} seeds, {delivered} orders delivered, {failed} violations")
    _table(console, "faults injected", summary.faults)
    _table(console, "states reached", summary.states)
    _table(console, "orders by outcome", summary.outcomes)
    missing = summary.missing()
    pairs = f"{summary.covered():.1%} of {len(summary.sites)} sites x 3 crashes"
    console.print(f"\nwrite sites killed before, killed after, left ambiguous: {pairs}")
    console.print(f"use cases by which nothing was written: {', '.join(summary.unreached()) or 'none'}")
    for site, kind in missing[:MOST_LISTED]:
        console.print(f"  missing: {kind:<12} {site} (reached {summary.sites[site]['reached']} times)")
    if len(missing) > MOST_LISTED:
        console.print(f"  ... and {len(missing) - MOST_LISTED} more")
    console.print(f"\nviolations: {len(summary.failures)}")


def show_failure(console: Console, result: Result, without: frozenset[str]) -> None:
    """Print what did not hold, and how to see it again."""
    if result.violation is None:
        return
    found = result.violation
    console.print(f"\nseed {result.seed}: invariant {found.invariant} at {found.at:.1f} s: {found.message}")
    console.print(f"  {replay_command(result.seed, without)}")


def replay_command(seed: int, without: frozenset[str]) -> str:
    """Return the command that runs this again."""
    left_out = f" WITHOUT='{','.join(sorted(without))}'" if without else ""
    return f"make simulate SEED={seed}{left_out}"


def _table(console: Console, title: str, counts: Counter[str]) -> None:
    console.print(f"\n{title}:")
    for name, count in sorted(counts.items()):
        console.print(f"  {count:>8}  {name}")
