"""The event log of a running demo: the live view and the report read it."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from emulators.city.timeline import Order

MAX_ENTRIES = 200
UNLOGGED = frozenset({"payment_started", "order_preparing", "order_in_transit", "order_arrived"})


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One line of the log, `at` seconds after the start."""

    at: float
    subject: str
    text: str
    is_error: bool = False


@dataclass(slots=True)
class OrderRecord:
    """One order: the intention of its customer, and the last state that the listener delivered."""

    number: int
    id: str
    customer: str
    merchant: str
    total: int
    cancelling: bool
    progress_at: float
    order: Order | None = None
    notified_at: float | None = None
    """When (Unix time) the customer's phone received the push about the placed order."""


@dataclass(slots=True)
class EventLog:
    """Collects what the simulated users report; `on_entry` is called with each entry."""

    goal: int
    on_entry: Callable[[LogEntry], None] = lambda _: None
    phase: str = "starting the stack"
    records: dict[str, OrderRecord] = field(default_factory=dict)
    finished: set[str] = field(default_factory=set)
    names: dict[str, str] = field(default_factory=dict)
    drivers: dict[str, str] = field(default_factory=dict)
    open_offers: set[str] = field(default_factory=set)
    errors: list[str] = field(default_factory=list)
    entries: deque[LogEntry] = field(default_factory=lambda: deque(maxlen=MAX_ENTRIES))
    started_at: float = field(default_factory=time.monotonic)
    progress_at: float = field(default_factory=time.monotonic)

    @property
    def elapsed(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self.started_at

    @property
    def stalled_seconds(self) -> float:
        """Seconds without progress."""
        return time.monotonic() - self.progress_at

    def mark_progress(self) -> None:
        """Record progress, which resets the watchdog."""
        self.progress_at = time.monotonic()

    def enter_phase(self, phase: str) -> None:
        """Start a phase of the demo."""
        self.phase = phase
        self.write("city", phase)

    def add_order(self, record: OrderRecord) -> None:
        """Add an order that was placed."""
        self.records[record.id] = record
        self.mark_progress()

    def update_order(self, document: Mapping[str, Any]) -> None:
        """Update an order from a listener; new entries of its timeline are logged."""
        record = self.records.get(document["id"])
        if record is None:  # the listener can be faster than the answer to the placing request
            return
        before, record.order = record.order, Order.of(document, document["timeline"])
        known = before.last_seq if before else 0
        if before is None or record.order.states != before.states or record.order.last_seq > known:
            record.progress_at = time.monotonic()
            self.mark_progress()
        for entry in record.order.timeline:
            if entry["seq"] > known:
                self._log_timeline_entry(record, entry)

    def finish(self, order_id: str, notified_at: float) -> None:
        """Record that an order finished as intended."""
        self.records[order_id].notified_at = notified_at
        self.finished.add(order_id)
        self.mark_progress()

    def write(self, subject: str, text: str) -> None:
        """Write a line."""
        self._append(LogEntry(self.elapsed, subject, text))
        self.mark_progress()

    def error(self, subject: str, problem: object) -> None:
        """Record an unexpected answer or another error."""
        text = f"{type(problem).__name__}: {problem}" if isinstance(problem, Exception) else str(problem)
        self.errors.append(f"{subject}: {text}")
        self._append(LogEntry(self.elapsed, subject, text, is_error=True))

    def _append(self, entry: LogEntry) -> None:
        self.entries.append(entry)
        self.on_entry(entry)

    def _log_timeline_entry(self, record: OrderRecord, entry: Mapping[str, Any]) -> None:
        kind: str = entry["type"]
        if kind in UNLOGGED:
            return
        words = kind.removeprefix("order_").replace("_", " ")
        detail = self._detail(record, kind, entry["actor"])
        self._append(LogEntry(self.elapsed, f"#{record.number:02d} {record.merchant}", f"{words}{detail}"))

    def _detail(self, record: OrderRecord, kind: str, actor: str) -> str:
        driver_id = record.order.driver_id if record.order else None
        match kind:
            case "order_placed":
                return f" by {record.customer}, ₹{record.total / 100:.2f}"
            case "offer_declined":
                return f" by {self.names.get(actor, 'a driver')}"
            case "driver_assigned" | "order_picked_up" | "order_delivered":
                return f" ({self.names[driver_id]})" if driver_id in self.names else ""
            case _:
                return ""
