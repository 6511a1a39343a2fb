"""Orders that come again: on the right days, once each, and never without a word."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from shared.adapters.firestore.change import DocumentStore
from shared.adapters.firestore.database import CommitUnknown, Write
from shared.adapters.firestore.recurrences import FirestoreRecurrences
from shared.kernel.errors import Contended, Unavailable
from shared.kernel.ids import new_id
from shared.kernel.order import Fulfilment
from shared.orders.domain import Order, OutOfRange, Place
from shared.orders.pricing import ItemRequest, UnknownItem
from shared.orders.recurrences import queries
from shared.orders.recurrences.domain import (
    MAX_ACTIVE,
    Recurrence,
    RecurrenceEnded,
    RecurrenceNotFound,
    RuleInvalid,
    TooManyRecurrences,
    TurnOver,
    ZoneUnknown,
    check_rule,
    first,
    placed,
)
from shared.orders.recurrences.usecases import place_occurrences as place_turns_module
from shared.orders.recurrences.usecases.change_recurrence import (
    ChangeRecurrence,
    RecurrenceChange,
    change_recurrence,
)
from shared.orders.recurrences.usecases.place_occurrences import Shops, Turned, place_turns
from shared.orders.recurrences.usecases.start_recurrence import StartRecurrence, start_recurrence
from shared.orders.scheduling import ScheduleOutOfBounds
from shared.orders.usecases.sweep_orders import sweep_orders
from tests.builders import CUSTOMER, NOW, STRANGER
from tests.fakes.interleaving import InterleavingDatabase
from tests.unit.orders.world import HOME, World

pytestmark = pytest.mark.mission("C5")

DAY = timedelta(days=1)
STARTS = NOW + 2 * DAY
DAILY = StartRecurrence(
    CUSTOMER, "mer_1", (ItemRequest("dosa", 2),), HOME, 0, "FREQ=DAILY;COUNT=3", "Asia/Kolkata", STARTS
)


class Series(World):
    """A shop, and recurring orders at it."""

    def __init__(self) -> None:
        super().__init__(InterleavingDatabase())
        store = DocumentStore(self.database, self.bus, clock=lambda: NOW)
        self.recurrences = FirestoreRecurrences(store)
        self.shops = Shops(self.catalogue, self.quotes, self.orders, self.recurrences)

    async def start(self, command: StartRecurrence = DAILY) -> Recurrence:
        return await start_recurrence(
            command, catalogue=self.catalogue, recurrences=self.recurrences, now=NOW, new_id=new_id
        )

    async def turn(self, now: datetime) -> Turned:
        return await place_turns(shops=self.shops, now=now, new_id=new_id)

    async def stored(self, recurrence: Recurrence) -> Recurrence:
        return await queries.get_recurrence(recurrence.id, CUSTOMER, recurrences=self.recurrences)

    async def skip(self, recurrence: Recurrence, turn: datetime | None = None) -> Recurrence:
        command = ChangeRecurrence(CUSTOMER, recurrence.id, RecurrenceChange.SKIP_NEXT, turn)
        return await change_recurrence(command, recurrences=self.recurrences)

    def orders_placed(self) -> list[datetime]:
        return sorted(order["scheduled_for"] for order in self.database.collection("orders").values())


@pytest.fixture
def series() -> Series:
    return Series()


def turns(rule: str, starts_at: datetime, timezone: str, count: int) -> list[datetime]:
    """Return the first turns of a rule."""
    wish = Recurrence(
        "rec_1", CUSTOMER, "mer_1", (), HOME, 0, rule, timezone, starts_at, NOW, next_at=None, due_at=None
    )
    found: list[datetime] = []
    wish = first(wish)
    while wish.next_at and len(found) < count:
        found.append(wish.next_at)
        wish = placed(wish, wish.next_at)
    return found


async def test_each_turn_is_placed_a_day_ahead_once_and_then_the_series_is_over(series: Series) -> None:
    begun = await series.start()

    assert await series.turn(STARTS - DAY - timedelta(minutes=1)) == Turned(0, 0)
    for day in range(3):
        assert await series.turn(STARTS + (day - 1) * DAY) == Turned(1, 1)
        assert await series.turn(STARTS + (day - 1) * DAY) == Turned(0, 0)
    assert await series.turn(STARTS + 9 * DAY) == Turned(0, 0)

    assert series.orders_placed() == [STARTS + n * DAY for n in range(3)]
    after = await series.stored(begun)
    assert (after.next_at, after.placed) == (None, 3)


async def test_a_turns_order_waits_for_its_money_and_for_its_time(series: Series) -> None:
    begun = await series.start()
    await series.turn(STARTS - DAY)

    [order] = series.database.collection("orders").values()
    assert order["fulfilment"] == Fulfilment.SCHEDULED
    assert order["recurrence_id"] == begun.id
    assert (order["payment"]["state"], order["amounts"]["items"]) == ("none", 24_000)


async def test_a_run_that_dies_before_it_notes_the_turn_places_it_no_second_time(series: Series) -> None:
    begun = await series.start()
    await series.turn(STARTS - DAY)
    series.database.seed(
        f"recurrences/{begun.id}",
        series.database.data(f"recurrences/{begun.id}")
        | {
            "next_at": STARTS,
            "due_at": STARTS - DAY,
            "placed": 0,
        },
    )

    assert await series.turn(STARTS - DAY) == Turned(1, 1)

    assert series.orders_placed() == [STARTS]
    assert (await series.stored(begun)).next_at == STARTS + DAY


async def test_a_turn_that_cannot_be_placed_is_tried_again_and_then_left_out_with_the_reason(
    series: Series,
) -> None:
    begun = await series.start()
    series.merchant(open=False)

    assert await series.turn(STARTS - DAY) == Turned(1, 0)
    assert (await series.stored(begun)).next_at == STARTS
    assert await series.turn(STARTS - DAY + timedelta(minutes=30)) == Turned(0, 0)
    assert await series.turn(STARTS - timedelta(hours=1)) == Turned(1, 0)

    after = await series.stored(begun)
    assert (after.skipped, after.skipped_at, after.next_at) == ("MERCHANT_CLOSED", STARTS, STARTS + DAY)
    series.merchant()
    await series.turn(STARTS)
    assert series.orders_placed() == [STARTS + DAY]


async def test_a_document_that_cannot_be_read_stops_no_other_turn(series: Series) -> None:
    series.database.seed("merchants/mer_odd", series.database.data("merchants/mer_1") | {"id": "mer_odd"})
    series.database.seed("merchants/mer_odd/menu/2", series.database.data("merchants/mer_1/menu/2"))
    odd = await series.start(replace(DAILY, merchant_id="mer_odd"))
    await series.start()
    series.database.seed("merchants/mer_odd", {"id": "mer_odd"})

    assert await series.turn(STARTS - DAY) == Turned(2, 1)
    assert (await series.stored(odd)).next_at == STARTS


async def test_a_time_zone_that_is_no_more_stops_no_other_turn(series: Series) -> None:
    odd, _ = await series.start(), await series.start()
    path = f"recurrences/{odd.id}"
    series.database.seed(path, series.database.data(path) | {"timezone": "Mars/Olympus"})

    assert await series.turn(STARTS - DAY) == Turned(2, 1)


async def test_more_broken_series_than_a_run_has_room_for_stop_no_other_turn(
    series: Series, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(place_turns_module, "BATCH", 2)
    for _ in range(3):
        path = f"recurrences/{(await series.start()).id}"
        odd = {"timezone": "Mars/Olympus", "due_at": STARTS - 2 * DAY}
        series.database.seed(path, series.database.data(path) | odd)
    sound = await series.start()

    placed_in = [(await series.turn(STARTS - DAY)).placed for _ in range(3)]

    assert placed_in == [0, 1, 0]
    assert (await series.stored(sound)).placed == 1
    assert await series.turn(STARTS - DAY + timedelta(hours=1)) == Turned(2, 0)


async def test_a_turn_that_the_customer_left_out_after_the_look_is_not_placed(
    series: Series, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = await series.start()
    seen = await series.recurrences.due(STARTS - DAY, 1)
    command = ChangeRecurrence(CUSTOMER, begun.id, RecurrenceChange.SKIP_NEXT)
    await change_recurrence(command, recurrences=series.recurrences)

    async def late(*_: object) -> Sequence[Recurrence]:
        return seen

    monkeypatch.setattr(series.recurrences, "due", late)
    assert await series.turn(STARTS - DAY) == Turned(1, 0)
    assert series.orders_placed() == []


async def test_a_series_that_others_keep_changing_stops_no_other_turn(
    series: Series, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy, _ = await series.start(), await series.start()
    place = series.orders.place

    async def contended(*asked: Any) -> Order:
        if asked[-1] == busy.id:
            raise Contended
        return await place(*asked)

    with monkeypatch.context() as crowded:
        crowded.setattr(series.orders, "place", contended)
        assert await series.turn(STARTS - DAY) == Turned(2, 1)

    assert await series.turn(STARTS - DAY) == Turned(1, 1)
    assert series.orders_placed() == [STARTS, STARTS]


async def test_two_runs_at_once_place_the_last_one_once_and_no_turn_is_told_as_left_out(
    series: Series,
) -> None:
    series.stock("cake", 1)
    begun = await series.start(replace(DAILY, items=(ItemRequest("cake", 1),)))

    await asyncio.gather(*(series.turn(STARTS - DAY) for _ in range(5)))

    after = await series.stored(begun)
    assert (after.placed, after.skipped, after.next_at) == (1, "", STARTS + DAY)
    assert (series.left("cake"), series.orders_placed()) == (0, [STARTS])


async def test_a_lost_answer_places_a_turn_once(series: Series, monkeypatch: pytest.MonkeyPatch) -> None:
    begun = await series.start()
    commit = series.database.commit
    lost: list[bool] = []

    async def loses_its_first_answer(writes: Sequence[Write]) -> None:
        await commit(writes)
        if not lost and any(write.path.startswith("orders/") for write in writes):
            lost.append(True)
            raise CommitUnknown

    monkeypatch.setattr(series.database, "commit", loses_its_first_answer)
    assert await series.turn(STARTS - DAY) == Turned(1, 1)

    assert lost
    assert series.orders_placed() == [STARTS]
    assert (await series.stored(begun)).placed == 1


@pytest.mark.parametrize("change", RecurrenceChange)
async def test_a_turn_left_out_in_the_very_moment_of_its_placing_is_not_placed(
    series: Series, monkeypatch: pytest.MonkeyPatch, change: RecurrenceChange
) -> None:
    begun = await series.start()
    commit, command = series.database.commit, ChangeRecurrence(CUSTOMER, begun.id, change)

    async def overtaken(writes: Sequence[Write]) -> None:
        if any(write.path.startswith("orders/") for write in writes):
            monkeypatch.setattr(series.database, "commit", commit)
            await change_recurrence(command, recurrences=series.recurrences)
        await commit(writes)

    monkeypatch.setattr(series.database, "commit", overtaken)
    assert await series.turn(STARTS - DAY) == Turned(1, 0)

    assert series.orders_placed() == []
    after = await series.stored(begun)
    assert (after.placed, after.skipped) == (0, "")


async def test_who_leaves_out_a_turn_that_has_just_been_placed_is_told_so_and_loses_no_other(
    series: Series,
) -> None:
    begun = await series.start()
    await series.turn(STARTS - DAY)

    with pytest.raises(TurnOver):
        await series.skip(begun, STARTS)
    assert (await series.stored(begun)).next_at == STARTS + DAY

    assert (await series.skip(begun, STARTS + DAY)).next_at == STARTS + 2 * DAY
    with pytest.raises(TurnOver):
        await series.skip(begun, STARTS + DAY)


async def test_a_turn_of_a_shop_that_takes_its_time_leaves_its_customer_the_time_to_pay(
    series: Series,
) -> None:
    series.merchant(prep_minutes=200)
    await series.start()
    late = STARTS - timedelta(hours=3, minutes=30)
    assert await series.turn(late) == Turned(1, 1)
    [order] = series.database.collection("orders").values()

    await sweep_orders(orders=series.orders, now=late + timedelta(minutes=14))
    assert (await series.orders.get(order["id"])).fulfilment is Fulfilment.SCHEDULED
    await sweep_orders(orders=series.orders, now=late + timedelta(minutes=16))
    assert (await series.orders.get(order["id"])).fulfilment is Fulfilment.CANCELLED


async def test_a_turn_that_nobody_pays_gives_its_goods_back_long_before_its_time(series: Series) -> None:
    series.stock("cake", 3)
    await series.start(replace(DAILY, items=(ItemRequest("cake", 2),)))
    placed_at = STARTS - DAY
    await series.turn(placed_at)
    [stored] = series.database.collection("orders").values()
    assert series.left("cake") == 1

    async def swept(after: timedelta) -> Fulfilment:
        await sweep_orders(orders=series.orders, now=placed_at + after)
        return (await series.orders.get(stored["id"])).fulfilment

    for minutes in (15, 60, 6 * 60 - 1):
        assert await swept(timedelta(minutes=minutes)) is Fulfilment.SCHEDULED
    assert await swept(timedelta(hours=6)) is Fulfilment.CANCELLED

    assert series.left("cake") == 3
    assert [told["reason"] for told in series.bus.fields("order_cancelled")] == ["unpaid"]


async def test_while_the_database_is_away_no_turn_is_lost(
    series: Series, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = await series.start()

    async def away(*_: object) -> None:
        raise Unavailable

    with monkeypatch.context() as gone:
        gone.setattr(series.quotes, "add", away)
        assert await series.turn(STARTS - timedelta(hours=1)) == Turned(1, 0)

    assert (await series.stored(begun)).next_at == STARTS
    assert await series.turn(STARTS - timedelta(hours=1)) == Turned(1, 1)


async def test_the_customer_leaves_out_a_turn_or_ends_it_all(series: Series) -> None:
    begun = await series.start()

    async def change(what: RecurrenceChange, uid: str = CUSTOMER) -> Recurrence:
        command = ChangeRecurrence(uid, begun.id, what)
        return await change_recurrence(command, recurrences=series.recurrences)

    assert (await change(RecurrenceChange.SKIP_NEXT)).next_at == STARTS + DAY
    with pytest.raises(RecurrenceNotFound):
        await change(RecurrenceChange.END, STRANGER)
    assert (await change(RecurrenceChange.END)).next_at is None
    assert (await change(RecurrenceChange.END)).next_at is None
    with pytest.raises(RecurrenceEnded):
        await change(RecurrenceChange.SKIP_NEXT)
    assert await series.turn(STARTS + 9 * DAY) == Turned(0, 0)


async def test_the_series_of_a_closed_account_ends_and_keeps_no_goods(series: Series) -> None:
    series.stock("cake", 3)
    begun = await series.start(replace(DAILY, items=(ItemRequest("cake", 2),)))
    series.database.seed(f"users/{CUSTOMER}", {"uid": CUSTOMER, "disabled": False})
    assert await series.turn(STARTS - DAY) == Turned(1, 1)

    series.database.seed(f"users/{CUSTOMER}", {"uid": CUSTOMER, "disabled": True})
    series.stock("cake", 3)
    assert await series.turn(STARTS) == Turned(1, 0)

    assert (series.left("cake"), series.orders_placed()) == (3, [STARTS])
    assert (await series.stored(begun)).next_at is None


async def test_one_customer_has_no_more_than_twenty_at_once_however_many_are_begun_together(
    series: Series,
) -> None:
    outcomes = await asyncio.gather(*(series.start() for _ in range(25)), return_exceptions=True)
    begun = [outcome for outcome in outcomes if isinstance(outcome, Recurrence)]
    assert len(begun) == MAX_ACTIVE
    assert sum(isinstance(outcome, TooManyRecurrences) for outcome in outcomes) == 5
    assert len(series.database.collection("recurrences")) == MAX_ACTIVE

    await series.start(replace(DAILY, customer_id=STRANGER))
    end = ChangeRecurrence(CUSTOMER, begun[7].id, RecurrenceChange.END)
    await change_recurrence(end, recurrences=series.recurrences)
    await series.start()
    with pytest.raises(TooManyRecurrences):
        await series.start()


async def test_a_series_that_has_had_its_last_turn_makes_room(series: Series) -> None:
    for _ in range(MAX_ACTIVE):
        await series.start(replace(DAILY, rule="FREQ=DAILY;COUNT=1"))
    with pytest.raises(TooManyRecurrences):
        await series.start()

    await series.turn(STARTS - DAY)

    assert (await series.start()).next_at == STARTS


async def test_what_could_never_be_ordered_is_refused_at_once(series: Series) -> None:
    with pytest.raises(UnknownItem):
        await series.start(replace(DAILY, items=(ItemRequest("unheard-of", 1),)))
    with pytest.raises(ZoneUnknown):
        await series.start(replace(DAILY, timezone="../../etc/passwd"))
    with pytest.raises(ScheduleOutOfBounds):
        await series.start(replace(DAILY, starts_at=NOW - DAY))
    with pytest.raises(RuleInvalid):
        await series.start(replace(DAILY, rule="FREQ=SECONDLY"))
    with pytest.raises(OutOfRange):
        await series.start(replace(DAILY, dropoff=Place(13.2, 77.7, "The airport")))


@pytest.mark.parametrize(
    "rule",
    [
        "",
        "FREQ=YEARLY",
        "FREQ=HOURLY",
        "INTERVAL=2",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY;INTERVAL=53",
        "FREQ=DAILY;INTERVAL=0000520",
        "FREQ=DAILY;COUNT=367",
        "FREQ=DAILY;COUNT=99999999999999999999",
        "FREQ=DAILY;COUNT=٣",
        "FREQ=DAILY;BYDAY=MO",
        "FREQ=WEEKLY;BYDAY=XX",
        "FREQ=WEEKLY;BYDAY=1MO",
        "FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=31",
        "FREQ=DAILY;FREQ=DAILY",
        "RRULE:FREQ=DAILY",
        "DTSTART:20260101T000000\nRRULE:FREQ=DAILY",
        "FREQ=DAILY;UNTIL=99991231T000000Z",
    ],
)
def test_a_rule_beyond_the_small_kind_is_refused(rule: str) -> None:
    with pytest.raises(RuleInvalid):
        check_rule(rule)


def test_weeks_go_by_the_customers_days_and_months_by_the_date() -> None:
    monday = datetime(2026, 11, 23, 12, tzinfo=UTC)

    weekly = turns("FREQ=WEEKLY;BYDAY=MO,TH", monday, "Asia/Kolkata", 4)
    assert [(turn - monday).days for turn in weekly] == [0, 3, 7, 10]
    monthly = turns("FREQ=MONTHLY", datetime(2026, 1, 31, 12, tzinfo=UTC), "Asia/Kolkata", 3)
    assert [turn.month for turn in monthly] == [1, 3, 5]


def test_a_series_that_starts_within_a_second_starts_on_its_first_day() -> None:
    starts_at = datetime(2026, 11, 23, 12, 0, 0, 500_000, tzinfo=UTC)
    found = turns("FREQ=DAILY;COUNT=2", starts_at, "Asia/Kolkata", 3)
    assert found == [starts_at.replace(microsecond=0) + n * DAY for n in range(2)]


@pytest.mark.parametrize("clock", [(2, 30), (1, 30)])
def test_a_time_that_the_clock_leaves_out_or_shows_twice_is_one_turn_of_its_day(
    clock: tuple[int, int],
) -> None:
    zone = ZoneInfo("America/New_York")
    starts_at = datetime(2026, 1, 1, *clock, tzinfo=zone).astimezone(UTC)

    found = turns("FREQ=DAILY", starts_at, zone.key, 366)

    days = [turn.astimezone(zone).date() for turn in found]
    assert days == [starts_at.date() + n * DAY for n in range(366)]


@pytest.mark.parametrize("timezone", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe"])
def test_noon_stays_noon_when_the_clocks_change(timezone: str) -> None:
    zone = ZoneInfo(timezone)
    noon = datetime(2026, 1, 1, 12, tzinfo=zone).astimezone(UTC)

    found = turns("FREQ=DAILY;INTERVAL=7", noon, timezone, 60)

    assert {turn.astimezone(zone).hour for turn in found} == {12}
    assert len({turn.hour * 60 + turn.minute for turn in found}) == 2
