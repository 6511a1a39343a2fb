"""The demo city's own rules: what people intend, how they call, and how the outcome is counted."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from rich.cells import cell_len
from rich.console import Console

from emulators.city import plan, watchdog
from emulators.city.api import Api, Refused, Unanswered
from emulators.city.auth import Account, Identity
from emulators.city.chronicle import Chronicle, Notice, Sheet
from emulators.city.customer import Moment
from emulators.city.mirror import Mirror
from emulators.city.options import Options, parse
from emulators.city.pace import Pace
from emulators.city.report import Report
from emulators.city.timeline import Order
from emulators.city.view import View
from emulators.city.wheels import Wheels
from emulators.city.whims import Whim, Whims
from emulators.listeners import Change, Watch
from emulators.stack.layout import Progress, State
from emulators.stack.view import StartView
from shared.kernel.geo import Point, distance_m

pytestmark = pytest.mark.mission("L3")

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def order_document(id_: str = "ord_1", *events: str, **states: str) -> dict[str, Any]:
    """An order as a listener shows it; its events are a second apart."""
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


def sheet(id_: str = "ord_1") -> Sheet:
    return Sheet(7, id_, "Asha Rao", "Udupi Sagar", 41_200, cancelling=False, moved_at=time.monotonic())


class TestWhims:
    def test_as_many_lapses_as_declines_strike_different_orders(self) -> None:
        whims = Whims(pairs=2)
        seen = [whims.decide(f"ord_{n}") for n in (1, 1, 2, 3, 4, 5)]
        assert seen == [Whim.LAPSE, Whim.ACCEPT, Whim.DECLINE, Whim.LAPSE, Whim.DECLINE, Whim.ACCEPT]

    def test_an_order_that_will_be_cancelled_is_spared(self) -> None:
        whims = Whims(pairs=1)
        whims.spare("ord_1")
        assert [whims.decide("ord_1"), whims.decide("ord_2")] == [Whim.ACCEPT, Whim.LAPSE]

    def test_a_whim_that_came_too_late_strikes_the_next_offer(self) -> None:
        whims = Whims(pairs=1)
        whims.put_back("ord_1", whims.decide("ord_1"))
        assert [whims.decide("ord_1"), whims.decide("ord_2")] == [Whim.LAPSE, Whim.DECLINE]


class TestPlan:
    @pytest.mark.parametrize(("orders", "cancel"), [(20, 3), (5, 5), (1, 1), (7, 4), (20, 0)])
    def test_so_many_different_orders_are_cancelled(self, orders: int, cancel: int) -> None:
        chosen = plan.cancellations(Options(orders=orders, cancel=cancel))
        assert len(chosen) == cancel
        assert all(1 <= number <= orders for number in chosen)

    def test_the_moments_differ(self) -> None:
        assert set(plan.cancellations(Options(orders=20, cancel=3)).values()) == set(Moment)

    @pytest.mark.parametrize(
        ("orders", "drivers", "pairs"), [(20, 12, 2), (2, 12, 1), (1, 12, 0), (20, 1, 0)]
    )
    def test_a_small_demo_shows_fewer_declines(self, orders: int, drivers: int, pairs: int) -> None:
        assert plan.pairs(Options(orders=orders, drivers=drivers)) == pairs


class TestOptions:
    def test_the_environment_of_make_counts_and_an_empty_variable_does_not(self) -> None:
        options = parse([], {"ORDERS": "5", "DRIVERS": "", "HEADLESS": "1", "KEEP": ""})
        assert options == Options(orders=5, headless=True)

    def test_the_command_line_wins_over_the_environment(self) -> None:
        assert parse(["--orders", "3", "--speed", "120"], {"ORDERS": "5"}) == Options(orders=3, speed=120)

    @pytest.mark.parametrize("env", [{"ORDERS": "many"}, {"ORDERS": "0"}, {"CANCEL": "21"}, {"SPEED": "-1"}])
    def test_nonsense_ends_the_program(self, env: dict[str, str]) -> None:
        with pytest.raises(SystemExit):
            parse([], env)


class TestReport:
    def test_the_last_line_counts_what_stands_in_the_orders(self) -> None:
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
            "demo: orders=2 delivered=1 declined=1 lapsed=1 refunded=1 errors=0 "
            "ready_to_assigned_p50_s=3.00 placed_to_notified_p95_s=0.50"
        )
        assert report.shortcomings() == []

    def test_everything_that_did_not_end_as_it_should_is_named(self) -> None:
        undelivered = order("ord_1", fulfilment="ready", payment="captured")
        report = Report(Options(orders=6, cancel=1), [undelivered], {}, errors=2)
        assert report.shortcomings() == [
            "1 of 6 orders were placed",
            "0 of 5 orders were delivered",
            "0 of 1 orders were refunded",
            "0 offers were declined, at least 2 should",
            "0 offers lapsed, at least 2 should",
            "2 errors",
        ]


class TestChronicle:
    def test_each_entry_of_a_timeline_is_told_once(self) -> None:
        told: list[Notice] = []
        chronicle = Chronicle(goal=1, on_notice=told.append)
        chronicle.open_sheet(sheet())
        chronicle.show(order_document("ord_1", "order_placed"))
        chronicle.show(order_document("ord_1", "order_placed", "payment_captured"))
        assert [notice.text for notice in told] == ["placed by Asha Rao, ₹412.00", "payment captured"]

    async def test_the_watchdog_barks_when_nothing_has_moved(self) -> None:
        chronicle = Chronicle(goal=1, moved_at=time.monotonic() - 100)
        with pytest.raises(watchdog.Stuck):
            await watchdog.watch(chronicle, patience_seconds=90)


class TestView:
    @pytest.mark.parametrize(("width", "height"), [(80, 24), (80, 40), (140, 30)])
    def test_it_shows_orders_drivers_and_news_within_the_terminal(self, width: int, height: int) -> None:
        chronicle = Chronicle(
            goal=20, phase="orders come in", names={"u1": "Ravi Gowda"}, drivers={"u1": "free"}
        )
        for n in range(60):
            chronicle.tell("city", f"news {n}")
        chronicle.open_sheet(sheet())
        chronicle.show(order_document("ord_1", "order_placed", fulfilment="preparing"))
        console = Console(width=width, height=height)
        with console.capture() as captured:
            console.print(View(chronicle))
        shown = captured.get()
        assert all(word in shown for word in ("in the kitchen", "free", "placed by Asha Rao", "0 of 20"))
        assert max(cell_len(line) for line in shown.splitlines()) <= width
        assert len(shown.splitlines()) < height

    def test_before_anybody_has_come_it_says_so(self) -> None:
        console = Console(width=80, height=24)
        with console.capture() as captured:
            console.print(View(Chronicle(goal=20)))

        shown = captured.get()
        assert "nobody on the road yet" in shown
        assert "- s" not in shown

    def test_drivers_are_counted_in_the_order_of_their_way(self) -> None:
        drivers = {"u1": "to customer", "u2": "asked", "u3": "free", "u4": "to kitchen", "u5": "free"}
        console = Console(width=80, height=24)
        with console.capture() as captured:
            console.print(View(Chronicle(goal=20, drivers=drivers)))

        assert "2 free · 1 asked · 1 to kitchen · 1 to customer" in captured.get()

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


class TestWheels:
    async def test_a_drive_ends_at_its_goal_and_a_cancelled_one_on_the_way(self) -> None:
        start, goal = Point(12.97, 77.60), Point(12.98, 77.60)
        wheels = Wheels(start, "scooter", Pace(speed=1_000_000))
        await wheels.drive(goal)
        assert wheels.position() == goal
        slow = Wheels(start, "scooter", Pace(speed=60))
        driving = asyncio.create_task(slow.drive(goal))
        await asyncio.sleep(0)
        assert slow.moving(time.monotonic())
        driving.cancel()
        await asyncio.gather(driving, return_exceptions=True)
        assert not slow.moving(time.monotonic())
        assert distance_m(slow.position(), start) < distance_m(start, goal) / 2


class TestMirror:
    async def test_whoever_waits_for_a_document_gets_it_when_it_is_as_wished(self) -> None:
        watch = Watch("w1")
        mirror = Mirror(watch)
        ready = asyncio.create_task(mirror.until("a", lambda doc: doc is not None and doc["n"] == 2))
        gone = asyncio.create_task(mirror.until("b", lambda doc: doc is None))
        following = asyncio.create_task(mirror.follow())  # begins after those who wait
        watch.take([Change("added", "a", {"n": 1}), Change("modified", "a", {"n": 2})])
        assert await ready == {"n": 2}
        assert await gone is None
        following.cancel()


class TestApi:
    async def test_a_post_is_repeated_with_the_same_key_until_it_is_answered(self) -> None:
        keys: list[str] = []

        def answer(request: httpx.Request) -> httpx.Response:
            keys.append(request.headers["Idempotency-Key"])
            if len(keys) == 1:
                raise httpx.ConnectError("refused", request=request)
            return httpx.Response(503) if len(keys) == 2 else httpx.Response(201, json={"id": "ord_1"})

        assert await _api(answer).post("/orders", {"quote_id": "quo_1"}) == {"id": "ord_1"}
        assert len(keys) == 3
        assert len(set(keys)) == 1

    async def test_a_refusal_carries_the_problems_code(self) -> None:
        problem = {"code": "OFFER_EXPIRED", "detail": "too late", "errors": []}
        with pytest.raises(Refused, match="POST /x: 409 OFFER_EXPIRED too late"):
            await _api(lambda _: httpx.Response(409, json=problem)).post("/x")

    async def test_a_500_is_not_tried_again(self) -> None:
        answers = [httpx.Response(500, text="Internal Server Error")]
        with pytest.raises(Unanswered):
            await _api(lambda _: answers.pop()).get("/x")


def _api(answer: Callable[[httpx.Request], httpx.Response]) -> Api:
    client = httpx.AsyncClient(transport=httpx.MockTransport(answer))
    identity = Identity(client, "127.0.0.1:1", "demo-waybill")
    account = Account(identity, {"localId": "u1", "idToken": "t", "refreshToken": "r", "expiresIn": "3600"})
    return Api(client, "http://waybill", account)
