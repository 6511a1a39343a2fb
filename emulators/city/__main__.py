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

from emulators.city.demo import run_demo
from emulators.city.event_log import EventLog
from emulators.city.options import Options, parse
from emulators.city.plain_output import PlainOutput
from emulators.city.report import Report
from emulators.city.view import View, stuck_orders
from emulators.stack import Options as StackOptions
from emulators.stack import StackError, running_stack
from emulators.stack.view import StartView, addresses

PLAIN_WIDTH = 140  # of tables in a log; a pipe has no width


async def demo(options: Options, console: Console) -> Report:
    """Start a stack, run the demo on it, stop the stack, and return the report."""
    start = StartView(console)
    stack_options = StackOptions(name=options.name, offer_seconds=options.offer_seconds, on_progress=start)
    try:
        async with running_stack(stack_options) as stack:
            start.close()
            log = EventLog(options.orders)
            with _displayed(log, console):
                report = await run_demo(stack.env, options, log)
            _print_failures(report, log, console)
            if options.keep:
                console.print(addresses(stack), highlight=False, soft_wrap=True)
                console.print("The stack still runs. Ctrl-C stops it.")
                _print_line(report, console)
                await _until_interrupted()
            return report
    finally:
        start.close()


@contextlib.contextmanager
def _displayed(log: EventLog, console: Console) -> Iterator[None]:
    if not console.is_terminal:
        log.on_entry = PlainOutput(console)
        yield
        return
    with Live(View(log), console=console, refresh_per_second=6):
        yield


def _print_failures(report: Report, log: EventLog, console: Console) -> None:
    """Print the failures of the demo and the orders that did not finish."""
    for error in log.errors:
        console.print(f"error: {error}", style="red", markup=False, highlight=False, soft_wrap=True)
    unfinished = [record for id_, record in log.records.items() if id_ not in log.finished]
    if unfinished:
        console.print(stuck_orders(unfinished, time.monotonic()))
    for failure in report.failures():
        console.print(f"failed: {failure}", style="red", highlight=False)


def _print_line(report: Report, console: Console) -> None:
    console.print(report.line(), highlight=False, soft_wrap=True)


async def _until_interrupted() -> None:
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:  # it ends the wait; the report stays valid
        if task := asyncio.current_task():
            task.uncancel()


def main() -> int:
    """Run the demo; return 0 only if nothing failed."""
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
    return 1 if report.failures() else 0


if __name__ == "__main__":
    sys.exit(main())
