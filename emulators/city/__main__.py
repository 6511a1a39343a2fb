"""Command line of the demo: `python -m emulators.city`, or `make demo`."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sys
import time
from collections.abc import Iterator

from rich.console import Console
from rich.live import Live

from emulators.city.chronicle import Chronicle
from emulators.city.demo import run_demo
from emulators.city.lines import Lines
from emulators.city.options import Options, parse
from emulators.city.report import Report
from emulators.city.view import View, stuck_orders
from emulators.stack import Options as StackOptions
from emulators.stack import StackError, running_stack
from emulators.stack.view import StartView, addresses

PLAIN_WIDTH = 140  # of tables in a log; nobody can ask a pipe


async def demo(options: Options, console: Console) -> Report:
    """Start a stack, run the demo on it, stop the stack, and return the report."""
    start = StartView(console)
    stack_options = StackOptions(name=options.name, offer_seconds=options.offer_seconds, on_progress=start)
    try:
        async with running_stack(stack_options) as stack:
            start.close()
            chronicle = Chronicle(options.orders)
            with _shown(chronicle, console):
                report = await run_demo(stack.env, options, chronicle)
            _explain(report, chronicle, console)
            if options.keep:
                console.print(addresses(stack), highlight=False, soft_wrap=True)
                console.print("The stack still runs. Ctrl-C stops it.")
                _print_line(report, console)
                await _until_interrupted()
            return report
    finally:
        start.close()


@contextlib.contextmanager
def _shown(chronicle: Chronicle, console: Console) -> Iterator[None]:
    if not console.is_terminal:
        chronicle.on_notice = Lines(console)
        yield
        return
    with Live(View(chronicle), console=console, refresh_per_second=6):
        yield


def _explain(report: Report, chronicle: Chronicle, console: Console) -> None:
    """Print what did not end as it should, and the orders behind it."""
    for error in chronicle.errors:
        console.print(f"error: {error}", style="red", markup=False, highlight=False, soft_wrap=True)
    unfinished = [sheet for id_, sheet in chronicle.sheets.items() if id_ not in chronicle.finished]
    if unfinished:
        console.print(stuck_orders(unfinished, time.monotonic()))
    for shortcoming in report.shortcomings():
        console.print(f"not as it should be: {shortcoming}", style="red", highlight=False)


def _print_line(report: Report, console: Console) -> None:
    console.print(report.line(), highlight=False, soft_wrap=True)


async def _until_interrupted() -> None:
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:  # it ends the waiting; the report stands
        if task := asyncio.current_task():
            task.uncancel()


def main() -> int:
    """Return 0 only if everything ended as it should."""
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    options = parse(sys.argv[1:])
    console = Console()
    if options.headless or not console.is_terminal:
        console = Console(force_terminal=False, no_color=True, width=PLAIN_WIDTH)
    try:
        report = asyncio.run(demo(options, console))
    except (KeyboardInterrupt, asyncio.CancelledError):
        console.print("The demo was interrupted; the stack is stopped.", highlight=False)
        return 130
    except StackError as error:
        Console(stderr=True).print(str(error), style="red", markup=False, highlight=False, soft_wrap=True)
        return 1
    if not options.keep:
        _print_line(report, console)
    return 1 if report.shortcomings() else 0


if __name__ == "__main__":
    sys.exit(main())
