"""Show the stack on a terminal: one line per part while it starts, then the addresses."""

from __future__ import annotations

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from emulators.stack.layout import PARTS, Progress, State
from emulators.stack.run import Stack

COLOURS = {State.STARTING: "yellow", State.READY: "green", State.RESTARTING: "red", State.STOPPED: "dim"}
INTERNAL = ("auth_hub", "auth_logging")


class StartView:
    """A live table on a terminal; without one, a plain line when a part is ready or restarts.

    Call it with each `Progress`, and `close` it after the start.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._parts: dict[str, Progress] = {}
        self._live = Live(console=console, get_renderable=self.table, refresh_per_second=8, transient=True)
        self._starting = True
        if console.is_terminal:
            self._live.start()

    def close(self) -> None:
        """End the live table; later only restarts are shown. Idempotent."""
        self._starting = False
        self._live.stop()

    def __call__(self, progress: Progress) -> None:
        """Show a change."""
        self._parts[progress.part] = progress
        printed = {State.READY, State.RESTARTING} if self._starting else {State.RESTARTING}
        if progress.state in printed and not self._live.is_started:
            self._console.print(f"{progress.part} {progress.state} {progress.seconds:.1f} s", highlight=False)

    def table(self) -> Table:
        """Return a table of all parts, in as many columns as the height of the terminal requires."""
        table = Table.grid(padding=(0, 1))
        cells = [_cells(name, progress) for name, progress in self._parts.items()]
        rows = max(1, self._console.height - 1)  # one row is left for the cursor
        for row in range(min(rows, len(cells))):
            table.add_row(*(cell for part in cells[row::rows] for cell in part))
        return table


def _cells(name: str, progress: Progress) -> tuple[str, Text, Text]:
    state = Text(progress.state, style=COLOURS[progress.state])
    return name, state, Text(f"{progress.seconds:.1f} s", justify="right")


def addresses(stack: Stack) -> Table:
    """Return a table of all addresses."""
    table = Table.grid(padding=(0, 2))
    table.add_row("API", stack.url)
    for name in PARTS:
        if name != "gateway" and name not in INTERNAL:
            table.add_row(name, stack.addresses[name])
    for name, url in stack.functions.items():
        table.add_row(name, url)
    for name, port in stack.layout.displaced.items():
        table.add_row("note", f"{name} is not at its documented port {port}, which is taken")
    if stack.admin:
        table.add_row("admin", f"{stack.admin.email}  {stack.admin.password}  {stack.admin.enrolment_code}")
    table.add_row("logs", str(stack.folder / "logs"))
    table.add_row("shell", f". {stack.folder / 'stack.env'}")
    return table
