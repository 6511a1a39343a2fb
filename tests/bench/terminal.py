"""What the terminal says: progress while it measures, then a table. Plain lines in a pipe."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from rich import box
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from tests.bench.report import Figure, Report

PIPED_WIDTH = 160
LINES_PER_BENCHMARK = 4
MET = {True: "met", False: "missed", None: ""}
STYLES = {True: "green", False: "red", None: ""}


def console() -> Console:
    """Return the console that everything is printed to."""
    terminal = Console(highlight=False, markup=False)
    return terminal if terminal.is_terminal else Console(width=PIPED_WIDTH, highlight=False, markup=False)


@contextmanager
def progress(out: Console, name: str, steps: int) -> Iterator[Callable[[], None]]:
    """Yield what is to be called after each step: a bar on a terminal, a line now and then in a pipe."""
    if not out.is_terminal:
        yield _lines(out, name, steps)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=out, transient=True) as bar:
        task = bar.add_task(name, total=steps)
        yield lambda: bar.advance(task)


def _lines(out: Console, name: str, steps: int) -> Callable[[], None]:
    done = 0

    def advance() -> None:
        nonlocal done
        done += 1
        if done * LINES_PER_BENCHMARK // steps > (done - 1) * LINES_PER_BENCHMARK // steps:
            out.print(f"{name}: {done}/{steps}")

    return advance


def show(out: Console, reports: Sequence[Report]) -> None:
    """Print one line per figure."""
    table = Table(box=box.SIMPLE_HEAD if out.is_terminal else None, pad_edge=False)
    for heading in ("benchmark", "figure"):
        table.add_column(heading, no_wrap=True)
    for heading in ("measured", "reference", "ratio", "goal"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("")
    for report in reports:
        for figure in report.figures:
            table.add_row(report.name, *cells(figure), style=STYLES[figure.met])
    out.print(table)


def cells(figure: Figure) -> Sequence[str]:
    """Return a figure as the cells of a row: name, measured, reference, ratio, goal, whether it is met."""
    measured = f"{_number(figure.value)} {figure.unit}"
    reference = f"{figure.reference} {_number(figure.reference_value)}" if figure.reference else ""
    return (
        figure.name,
        measured,
        reference,
        "" if figure.ratio is None else f"{figure.ratio:.2f}",
        str(figure.goal or ""),
        MET[figure.met],
    )


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.3g}"
