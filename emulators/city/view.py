"""Show the demo as a live view in the terminal; all data comes from the event log."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from rich import box
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from emulators.city.event_log import EventLog, OrderRecord
from emulators.city.report import Timings, p50, p95, seconds
from emulators.city.timeline import REFUNDED, Order

WIDE = 110
HEAD_ROWS, ORDER_ROWS, NUMBER_ROWS, FRAME_ROWS = 3, 11, 8, 2
MIN_LOG_ROWS = 2
MOST_DRIVERS_BY_NAME = 18
LOW = 28  # a terminal with fewer rows does not fit the drivers' names

STAGES: Mapping[str, str] = {
    "to be paid": "yellow",
    "paid": "yellow",
    "in the kitchen": "dark_orange",
    "ready, no driver yet": "red",
    "driver is coming": "cyan",
    "on the way": "blue",
    "delivered": "green",
    "cancelled": "magenta",
    "refunded": "magenta",
}
_KITCHEN = {"confirmed", "preparing"}
_ON_THE_WAY = {"picked_up", "in_transit", "arrived"}
_DRIVER_STYLES = {"free": "green", "offered": "yellow", "to kitchen": "cyan", "to customer": "blue"}
_DRIVER_ORDER = {activity: number for number, activity in enumerate(_DRIVER_STYLES)}


def stage(order: Order | None) -> str:
    """Return the stage of an order as customers call it."""
    match order:
        case None:
            return "to be paid"
        case Order(fulfilment="placed", payment=payment):
            return "paid" if payment == "captured" else "to be paid"
        case Order(fulfilment="ready", assignment=assignment):
            return "driver is coming" if assignment == "assigned" else "ready, no driver yet"
        case Order(fulfilment="cancelled", payment=payment):
            return "refunded" if payment in REFUNDED else "cancelled"
        case Order(fulfilment=fulfilment):
            return _moving(fulfilment)


def _moving(fulfilment: str) -> str:
    if fulfilment in _KITCHEN:
        return "in the kitchen"
    return "on the way" if fulfilment in _ON_THE_WAY else fulfilment


class View:
    """Renders the current event log on each refresh of rich."""

    def __init__(self, log: EventLog) -> None:
        self._chronicle = log
        self._by_name = True

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield self._head()
        self._by_name = len(self._chronicle.drivers) <= MOST_DRIVERS_BY_NAME and console.height >= LOW
        rows = console.height - HEAD_ROWS - FRAME_ROWS - 1  # one is left for the cursor
        if options.max_width >= WIDE:
            grid = Table.grid(expand=True, padding=(0, 1, 0, 0))
            grid.add_column(ratio=9)
            grid.add_column(ratio=11)
            rows = min(rows, ORDER_ROWS + NUMBER_ROWS + self._driver_rows(2))
            left = Group(self._orders(), self._numbers(), self._drivers(columns=2))
            grid.add_row(left, self._latest(rows))
            yield grid
        else:
            side = Table.grid(expand=True)
            side.add_column(ratio=1)
            side.add_column(ratio=1)
            side.add_row(self._orders(), self._numbers(ORDER_ROWS))
            rows -= ORDER_ROWS + FRAME_ROWS + self._driver_rows(3)
            yield Group(side, self._drivers(columns=3), self._latest(rows))

    def _head(self) -> RenderableType:
        log, done = self._chronicle, len(self._chronicle.finished)
        line = Table.grid(expand=True, padding=(0, 1))
        line.add_column(no_wrap=True)
        line.add_column(ratio=1)
        line.add_column(no_wrap=True, justify="right")
        minutes, rest = divmod(int(log.elapsed), 60)
        line.add_row(
            Text(f"{minutes:02d}:{rest:02d}", style="bold"),
            ProgressBar(total=max(1, log.goal), completed=done, complete_style="green"),
            Text(f"{done} of {log.goal} orders", style="bold"),
        )
        title = Text.assemble(("Waybill · Bengaluru", "bold"), " · ", (log.phase, "dim"))
        return Panel(line, title=title, title_align="left", box=box.ROUNDED, border_style="dim")

    def _orders(self) -> RenderableType:
        counts = Counter(stage(record.order) for record in self._chronicle.records.values())
        table = Table.grid(expand=True, padding=(0, 1))
        table.add_column(no_wrap=True)
        table.add_column(justify="right", width=3)
        table.add_column(ratio=1)
        for name, style in STAGES.items():
            count = counts[name]
            bar = ProgressBar(
                total=max(1, self._chronicle.goal),
                completed=count,
                complete_style=style,
                finished_style=style,
            )
            table.add_row(Text(name, style="" if count else "dim"), Text(str(count or "·"), style=style), bar)
        return _panel("Orders", table)

    def _numbers(self, height: int | None = None) -> RenderableType:
        log = self._chronicle
        orders = [record.order for record in log.records.values() if record.order is not None]
        notified = {record.id: record.notified_at for record in log.records.values() if record.notified_at}
        timings = Timings.of(orders, notified)
        table = Table.grid(expand=True, padding=(0, 1))
        table.add_column(ratio=1)
        table.add_column(justify="right")
        declined = sum(order.count("offer_declined") for order in orders)
        expired = sum(order.count("offer_expired") for order in orders)
        table.add_row("open offers", str(len(log.open_offers)))
        table.add_row("declined, expired", f"{declined}, {expired}")
        table.add_row("ready to assigned, p50", _time(p50(timings.ready_to_assigned)))
        table.add_row("placed to notified, p95", _time(p95(timings.placed_to_notified)))
        table.add_row("placed to delivered, p50", _time(p50(timings.placed_to_delivered)))
        errors = len(log.errors)
        table.add_row(Text("errors", style="bold red" if errors else ""), Text(str(errors)))
        return _panel("Numbers", table, height)

    def _drivers(self, columns: int) -> RenderableType:
        drivers = self._chronicle.drivers
        if not drivers:
            return _panel("Drivers", Text("no driver online yet", style="dim"))
        if not self._by_name:
            counts = Counter(drivers.values())
            listed = sorted(counts.items(), key=lambda entry: _DRIVER_ORDER.get(entry[0], len(_DRIVER_ORDER)))
            return _panel("Drivers", Text(" · ".join(f"{count} {activity}" for activity, count in listed)))
        table = Table.grid(expand=True, padding=(0, 1))
        for _ in range(columns):
            table.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
        cells = [self._driver(uid, activity) for uid, activity in drivers.items()]
        for first in range(0, len(cells), columns):
            table.add_row(*cells[first : first + columns])
        return _panel("Drivers", table)

    def _driver(self, uid: str, activity: str) -> Text:
        first, _, last = self._chronicle.names[uid].partition(" ")
        style = _DRIVER_STYLES.get(activity, "dim")
        return Text.assemble(("● ", style), f"{first} {last[:1]}. ", (activity, "dim"))

    def _driver_rows(self, columns: int) -> int:
        return max(1, -(-len(self._chronicle.drivers) // columns)) if self._by_name else 1

    def _latest(self, rows: int) -> RenderableType:
        table = Table.grid(expand=True, padding=(0, 1))
        table.add_column(justify="right", style="dim", no_wrap=True)
        table.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
        rows = max(MIN_LOG_ROWS, rows)
        for entry in list(self._chronicle.entries)[-rows:]:
            text = Text.assemble((entry.subject, "bold"), " ", (entry.text, "red" if entry.is_error else ""))
            table.add_row(f"{entry.at:.1f}", text)
        return _panel("Latest", table, rows + FRAME_ROWS)


def stuck_orders(records: list[OrderRecord], now: float) -> Table:
    """Return a table of unfinished orders; `now` is monotonic."""
    table = Table(title="Unfinished orders", title_justify="left", box=box.SIMPLE)
    for column in ("order", "fulfilment", "assignment", "payment", "last event", "no change for"):
        table.add_column(column, no_wrap=True)
    table.add_column("id", overflow="fold")
    for record in records:
        order = record.order
        states = order.states if order else ("?", "?", "?")
        last = order.timeline[-1]["type"] if order and order.timeline else "none"
        table.add_row(f"#{record.number:02d}", *states, last, f"{now - record.progress_at:.0f} s", record.id)
    return table


def _time(value: float | None) -> str:
    return "–" if value is None else f"{seconds(value)} s"


def _panel(title: str, content: RenderableType, height: int | None = None) -> Panel:
    return Panel(content, title=title, title_align="left", box=box.ROUNDED, border_style="dim", height=height)
