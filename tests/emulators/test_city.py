"""The rules of the demo city: the script, and the counts of the report."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from rich.cells import cell_len
from rich.console import Console

from emulators.city import plan, watchdog
from emulators.city.customer import CancelAt
from emulators.city.event_log import EventLog, LogEntry, OrderRecord
from emulators.city.listener_cache import ListenerCache
from emulators.city.options import Options, parse
from emulators.city.report import Report
from emulators.city.scenario_script import OfferResponse, ScenarioScript
from emulators.city.time_scale import TimeScale
from emulators.city.timeline import Order
from emulators.city.vehicle_motion import VehicleMotion
from emulators.city.view import View
from emulators.listeners import Change, Watch
from emulators.stack.layout import Progress, State
from emulators.stack.view import StartView
from shared.kernel.geo import Point, distance_m

pytestmark = pytest.mark.mission("L3")

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def order_document(id_: str = "ord_1", *events: str, **states: str) -> dict[str, Any]:
    """Return an order as a listener shows it; its events are a second apart."""
    timeline = [
        {
            "seq": n,
            "event_id": f"evt_{n}",
            "type": event,
            "at": (NOON + timedelta(seconds=n)).isoformat(),
            "actor": "u",
        }
        for n, event in enumerate(events, start=1)
    ]
    return {
        "id": id_,
        "fulfilment": states.get("fulfilment", "placed"),
        "assignment": {"state": states.get("assignment", "none"), "driver_id": None},
        "payment": {"state": states.get("payment", "none")},
        "timeline": timeline,
    }


def order(id_: str, *events: str, **states: str) -> Order:
    document = order_document(id_, *events, **states)
    return Order.of(document, document["timeline"])


def record(id_: str = "ord_1") -> OrderRecord:
    return OrderRecord(
        7, id_, "Asha Rao", "Udupi Sagar", 41_200, cancelling=False, progress_at=time.monotonic()
    )


class TestScenarioScript:
    def test_equally_many_expired_and_declined_offers_are_assigned_to_different_orders(self) -> None:
        script = ScenarioScript(pairs=2)
        seen = [script.decide(f"ord_{n}") for n in (1, 1, 2, 3, 4, 5)]
        assert seen == [
            OfferResponse.EXPIRE,
            OfferResponse.ACCEPT,
            OfferResponse.DECLINE,
            OfferResponse.EXPIRE,
            OfferResponse.DECLINE,
            OfferResponse.ACCEPT,
        ]

    def test_offers_of_an_order_that_will_be_cancelled_are_accepted(self) -> None:
        script = ScenarioScript(pairs=1)
        script.always_accept("ord_1")
        assert [script.decide("ord_1"), script.decide("ord_2")] == [
            OfferResponse.ACCEPT,
            OfferResponse.EXPIRE,
        ]

    def test_a_response_whose_offer_ended_first_applies_to_the_next_offer(self) -> None:
        script = ScenarioScript(pairs=1)
        script.reschedule("ord_1", script.decide("ord_1"))
        assert [script.decide("ord_1"), script.decide("ord_2")] == [
            OfferResponse.EXPIRE,
            OfferResponse.DECLINE,
        ]


class TestPlan:
    @pytest.mark.parametrize(("orders", "cancel"), [(20, 3), (5, 5), (1, 1), (7, 4), (20, 0)])
    def test_the_requested_number_of_different_orders_is_cancelled(self, orders: int, cancel: int) -> None:
        chosen = plan.cancellations(Options(orders=orders, cancel=cancel))
        assert len(chosen) == cancel
        assert all(1 <= number <= orders for number in chosen)

    def test_the_cancellations_happen_at_different_times(self) -> None:
        assert set(plan.cancellations(Options(orders=20, cancel=3)).values()) == set(CancelAt)

    @pytest.mark.parametrize(
        ("orders", "drivers", "pairs"), [(20, 12, 2), (2, 12, 1), (1, 12, 0), (20, 1, 0)]
    )
    def test_a_small_demo_shows_fewer_declines(self, orders: int, drivers: int, pairs: int) -> None:
        assert plan.pairs(Options(orders=orders, drivers=drivers)) == pairs


class TestOptions:
    def test_the_variables_of_make_are_options_and_empty_ones_are_ignored(self) -> None:
        options = parse([], {"ORDERS": "5", "DRIVERS": "", "HEADLESS": "1", "KEEP": ""})
        assert options == Options(orders=5, headless=True)

    def test_the_command_line_wins_over_the_environment(self) -> None:
        assert parse(["--orders", "3", "--speed", "120"], {"ORDERS": "5"}) == Options(orders=3, speed=120)

    @pytest.mark.parametrize("env", [{"ORDERS": "many"}, {"ORDERS": "0"}, {"CANCEL": "21"}, {"SPEED": "-1"}])
    def test_invalid_options_exit_the_program(self, env: dict[str, str]) -> None:
        with pytest.raises(SystemExit):
            parse([], env)


class TestReport:
    def test_the_last_line_counts_the_orders(self) -> None:
        carried = order(
            "ord_1", "order_placed", "order_ready", "offer_declined", "offer_expired", "driver_assigned",
            fulfilment="delivered", payment="captured",
        )  # fmt: skip
        cancelled = order(
            "ord_2", "order_placed", "order_cancelled", fulfilment="cancelled", payment="refunded"
        )
        notified_at = {"ord_1": NOON.timestamp() + 1.5, "ord_2": NOON.timestamp() + 1.25}
        report = Report(Options(orders=2, cancel=1), [carried, cancelled], notified_at, errors=0)
        assert report.line() == (
            "demo: orders=2 delivered=1 declined=1 expired=1 refunded=1 errors=0 "
            "ready_to_assigned_p50_s=3.00 placed_to_notified_p95_s=0.50"
        )
        assert report.failures() == []

    def test_every_failure_is_named(self) -> None:
        undelivered = order("ord_1", fulfilment="ready", payment="captured")
        report = Report(Options(orders=6, cancel=1), [undelivered], {}, errors=2)
        assert report.failures() == [
            "1 of 6 orders were placed",
            "0 of 5 orders were delivered",
            "0 of 1 orders were refunded",
            "0 offers were declined, expected at least 2",
            "0 offers expired, expected at least 2",
            "2 errors",
        ]


class TestEventLog:
    def test_each_entry_of_a_timeline_is_logged_once(self) -> None:
        logged: list[LogEntry] = []
        log = EventLog(goal=1, on_entry=logged.append)
        log.add_order(record())
        log.update_order(order_document("ord_1", "order_placed"))
        log.update_order(order_document("ord_1", "order_placed", "payment_captured"))
        assert [entry.text for entry in logged] == ["placed by Asha Rao, ₹412.00", "payment captured"]

    async def test_the_watchdog_raises_without_progress(self) -> None:
        log = EventLog(goal=1, progress_at=time.monotonic() - 100)
        with pytest.raises(watchdog.DemoStalled):
            await watchdog.watch(log, timeout_seconds=90)


class TestView:
    @pytest.mark.parametrize(("width", "height"), [(80, 24), (80, 40), (140, 30)])
    def test_it_shows_orders_drivers_and_log_within_the_terminal(self, width: int, height: int) -> None:
        log = EventLog(goal=20, phase="orders come in", names={"u1": "Ravi Gowda"}, drivers={"u1": "free"})
        for n in range(60):
            log.write("city", f"news {n}")
        log.add_order(record())
        log.update_order(order_document("ord_1", "order_placed", fulfilment="preparing"))
        console = Console(width=width, height=height)
        with console.capture() as captured:
            console.print(View(log))
        shown = captured.get()
        assert all(word in shown for word in ("in the kitchen", "free", "placed by Asha Rao", "0 of 20"))
        assert max(cell_len(line) for line in shown.splitlines()) <= width
        assert len(shown.splitlines()) < height

    def test_it_says_when_no_driver_is_online(self) -> None:
        console = Console(width=80, height=24)
        with console.capture() as captured:
            console.print(View(EventLog(goal=20)))

        shown = captured.get()
        assert "no driver online yet" in shown
        assert "- s" not in shown

    def test_drivers_are_counted_by_activity_in_order(self) -> None:
        drivers = {"u1": "to customer", "u2": "offered", "u3": "free", "u4": "to kitchen", "u5": "free"}
        console = Console(width=80, height=24)
        with console.capture() as captured:
            console.print(View(EventLog(goal=20, drivers=drivers)))

        assert "2 free · 1 offered · 1 to kitchen · 1 to customer" in captured.get()

    @pytest.mark.parametrize("height", [10, 24, 60])
    def test_a_stack_of_many_parts_starts_within_the_terminal(self, height: int) -> None:
        console = Console(width=140, height=height)
        view = StartView(console)
        parts = [f"notifications_event{n}" for n in range(26)]
        with console.capture() as captured:
            for part in parts:
                view(Progress(part, State.STARTING, 100.0))
            console.print(view.table())

        lines = captured.get().splitlines()
        assert all(part in "".join(lines) for part in parts)
        assert len(lines) < height
        assert max(cell_len(line) for line in lines) <= 140


class TestVehicleMotion:
    async def test_a_drive_ends_at_its_goal_and_a_cancelled_one_on_the_way(self) -> None:
        start, goal = Point(12.97, 77.60), Point(12.98, 77.60)
        motion = VehicleMotion(start, "scooter", TimeScale(speed=1_000_000))
        await motion.drive(goal)
        assert motion.position() == goal
        slow = VehicleMotion(start, "scooter", TimeScale(speed=60))
        driving = asyncio.create_task(slow.drive(goal))
        await asyncio.sleep(0)
        assert slow.moving(time.monotonic())
        driving.cancel()
        await asyncio.gather(driving, return_exceptions=True)
        assert not slow.moving(time.monotonic())
        assert distance_m(slow.position(), start) < distance_m(start, goal) / 2


class TestListenerCache:
    async def test_a_waiter_gets_the_document_when_its_condition_is_met(self) -> None:
        watch = Watch("w1")
        mirror = ListenerCache(watch)
        ready = asyncio.create_task(mirror.until("a", lambda doc: doc is not None and doc["n"] == 2))
        gone = asyncio.create_task(mirror.until("b", lambda doc: doc is None))
        following = asyncio.create_task(mirror.follow())  # begins after those who wait
        watch.add([Change("added", "a", {"n": 1}), Change("modified", "a", {"n": 2})])
        assert await ready == {"n": 2}
        assert await gone is None
        following.cancel()
