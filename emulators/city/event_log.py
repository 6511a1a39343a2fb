"""What is known of the demo while it runs: the people's accounts of it, for the view and the report."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from emulators.city.timeline import Order

KEPT_NOTICES = 200
UNTOLD = frozenset({"payment_started", "order_preparing", "order_in_transit", "order_arrived"})


@dataclass(frozen=True, slots=True)
class Notice:
    """Something worth a line, `at` seconds after the beginning."""

    at: float
    subject: str
    text: str
    alarming: bool = False


@dataclass(slots=True)
class Sheet:
    """One order: what its customer intends, and what the listener last showed."""

    number: int
    id: str
    customer: str
    merchant: str
    total: int
    cancelling: bool
    moved_at: float
    order: Order | None = None
    notified_at: float | None = None
    """When (Unix time) the customer's phone was told of the placed order."""


@dataclass(slots=True)
class Chronicle:
    """Filled by the people, read by everybody; `on_notice` hears of each notice at once."""

    goal: int
    on_notice: Callable[[Notice], None] = lambda _: None
    phase: str = "starting the stack"
    sheets: dict[str, Sheet] = field(default_factory=dict)
    finished: set[str] = field(default_factory=set)
    names: dict[str, str] = field(default_factory=dict)
    drivers: dict[str, str] = field(default_factory=dict)
    open_offers: set[str] = field(default_factory=set)
    errors: list[str] = field(default_factory=list)
    notices: deque[Notice] = field(default_factory=lambda: deque(maxlen=KEPT_NOTICES))
    begun_at: float = field(default_factory=time.monotonic)
    moved_at: float = field(default_factory=time.monotonic)

    @property
    def elapsed(self) -> float:
        """Seconds since the beginning."""
        return time.monotonic() - self.begun_at

    @property
    def quiet_seconds(self) -> float:
        """How long nothing has moved."""
        return time.monotonic() - self.moved_at

    def moved(self) -> None:
        """Something went on; the watchdog may rest."""
        self.moved_at = time.monotonic()

    def enter(self, phase: str) -> None:
        """Begin a part of the demo."""
        self.phase = phase
        self.tell("city", phase)

    def open_sheet(self, sheet: Sheet) -> None:
        """An order was placed."""
        self.sheets[sheet.id] = sheet
        self.moved()

    def show(self, document: Mapping[str, Any]) -> None:
        """A customer's listener showed an order; its new timeline entries become notices."""
        sheet = self.sheets.get(document["id"])
        if (
            sheet is None
        ):  # the listener may be faster than the answer to the placing; `open_sheet` comes soon
            return
        before, sheet.order = sheet.order, Order.of(document, document["timeline"])
        known = len(before.timeline) if before else 0
        if before is None or sheet.order.states != before.states or len(sheet.order.timeline) > known:
            sheet.moved_at = time.monotonic()
            self.moved()
        for entry in sheet.order.timeline[known:]:
            self._tell_entry(sheet, entry)

    def finish(self, order_id: str, notified_at: float) -> None:
        """An order has come to its intended end."""
        self.sheets[order_id].notified_at = notified_at
        self.finished.add(order_id)
        self.moved()

    def tell(self, subject: str, text: str) -> None:
        """Note something."""
        self._note(Notice(self.elapsed, subject, text))
        self.moved()

    def error(self, subject: str, problem: object) -> None:
        """Count an answer that nobody provoked, or anything else that should not be."""
        text = f"{type(problem).__name__}: {problem}" if isinstance(problem, Exception) else str(problem)
        self.errors.append(f"{subject}: {text}")
        self._note(Notice(self.elapsed, subject, text, alarming=True))

    def _note(self, notice: Notice) -> None:
        self.notices.append(notice)
        self.on_notice(notice)

    def _tell_entry(self, sheet: Sheet, entry: Mapping[str, Any]) -> None:
        kind: str = entry["type"]
        if kind in UNTOLD:
            return
        words = kind.removeprefix("order_").replace("_", " ")
        detail = self._detail(sheet, kind, entry["actor"])
        self._note(Notice(self.elapsed, f"#{sheet.number:02d} {sheet.merchant}", f"{words}{detail}"))

    def _detail(self, sheet: Sheet, kind: str, actor: str) -> str:
        driver_id = sheet.order.driver_id if sheet.order else None
        match kind:
            case "order_placed":
                return f" by {sheet.customer}, ₹{sheet.total / 100:.2f}"
            case "offer_declined":
                return f" by {self.names.get(actor, 'a driver')}"
            case "driver_assigned" | "order_picked_up" | "order_delivered":
                return f" ({self.names[driver_id]})" if driver_id in self.names else ""
            case _:
                return ""
