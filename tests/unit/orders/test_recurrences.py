"""Recurrences: occurrences on the right days, each placed once, and skipped only with a reason."""

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
from shared.kernel.batch import DEFAULT_LIMITS, Batch, Limits, Page
from shared.kernel.errors import Contended, Unavailable
from shared.kernel.ids import new_id
from shared.kernel.order import Fulfilment
from shared.kernel.timezones import ZoneUnknown
from shared.orders.domain import Order, Place
from shared.orders.pricing import ItemRequest, UnknownItem
from shared.orders.quotes import OutOfRange
from shared.orders.recurrences import queries
from shared.orders.recurrences.calendar import RuleInvalid, check_rule
from shared.orders.recurrences.domain import (
    MAX_ACTIVE,
    OccurrenceNotPending,
    Recurrence,
    RecurrenceEnded,
    RecurrenceNotFound,
    RecurrenceRules,
    TooManyRecurrences,
    record_placed,
    start,
)
from shared.orders.recurrences.ports import OccurrenceKey
from shared.orders.recurrences.usecases.change_recurrence import (
    ChangeRecurrence,
    RecurrenceChange,
    change_recurrence,
)
from shared.orders.recurrences.usecases.place_occurrences import PlacementPorts, place_occurrences
from shared.orders.recurrences.usecases.start_recurrence import StartRecurrence, start_recurrence
from shared.orders.scheduling import ScheduleOutOfBounds
from tests.builders import CUSTOMER, NOW, STRANGER
from tests.fakes.interleaving import InterleavingDatabase
from tests.unit.orders.batches import sweep_at
from tests.unit.orders.world import HOME, ORDERING, World

pytestmark = pytest.mark.mission("C5")

DAY = timedelta(days=1)
RULES = RecurrenceRules()
STARTS = NOW + 2 * DAY
DAILY = StartRecurrence(
    CUSTOMER, "mer_1", (ItemRequest("dosa", 2),), HOME, 0, "FREQ=DAILY;COUNT=3", "Asia/Kolkata", STARTS
)


class RecurrenceWorld(World):
    """A shop with recurrences."""

    def __init__(self) -> None:
        super().__init__(InterleavingDatabase())
        store = DocumentStore(self.database, self.bus, clock=lambda: NOW)
        self.recurrences = FirestoreRecurrences(store)
        self.ports = PlacementPorts(self.catalogue, self.quotes, self.recurrences, RULES, ORDERING)

    async def start(self, command: StartRecurrence = DAILY) -> Recurrence:
        return await start_recurrence(
            command,
            catalogue=self.catalogue,
            recurrences=self.recurrences,
            rules=RULES,
            ordering=ORDERING,
            now=NOW,
            new_id=new_id,
        )

    async def run(self, now: datetime, limits: Limits = DEFAULT_LIMITS) -> tuple[int, int]:
        """Place the due occurrences; return how many were due and how many were placed."""
        result = await place_occurrences(
            ports=self.ports, batch=Batch(clock=lambda: now, limits=limits), new_id=new_id
        )
        return result.seen, result.done

    async def change(self, command: ChangeRecurrence) -> Recurrence:
        return await change_recurrence(command, recurrences=self.recurrences, rules=RULES)

    async def stored(self, recurrence: Recurrence) -> Recurrence:
        return await queries.get_recurrence(recurrence.id, CUSTOMER, recurrences=self.recurrences)

    async def skip(self, recurrence: Recurrence, occurrence: datetime | None = None) -> Recurrence:
        command = ChangeRecurrence(CUSTOMER, recurrence.id, RecurrenceChange.SKIP_NEXT, occurrence)
        return await self.change(command)

    def orders_placed(self) -> list[datetime]:
        return sorted(order["scheduled_for"] for order in self.database.collection("orders").values())


@pytest.fixture
def world() -> RecurrenceWorld:
    return RecurrenceWorld()


def occurrences(rule: str, starts_at: datetime, timezone: str, count: int) -> list[datetime]:
    """Return the first occurrences of a rule."""
    recurrence = Recurrence(
        "rec_1", CUSTOMER, "mer_1", (), HOME, 0, rule, timezone, starts_at, NOW, next_at=None, due_at=None
    )
    found: list[datetime] = []
    recurrence = start(recurrence, RULES)
    while recurrence.next_at and len(found) < count:
        found.append(recurrence.next_at)
        recurrence = record_placed(recurrence, recurrence.next_at, "ord_1", RULES)
    return found


async def test_each_occurrence_is_placed_once_a_day_ahead_until_the_recurrence_ends(
    world: RecurrenceWorld,
) -> None:
    started = await world.start()

    assert await world.run(STARTS - DAY - timedelta(minutes=1)) == (0, 0)
    for day in range(3):
        assert await world.run(STARTS + (day - 1) * DAY) == (1, 1)
        assert await world.run(STARTS + (day - 1) * DAY) == (0, 0)
    assert await world.run(STARTS + 9 * DAY) == (0, 0)

    assert world.orders_placed() == [STARTS + n * DAY for n in range(3)]
    after = await world.stored(started)
    assert (after.next_at, after.placed) == (None, 3)


async def test_the_order_of_an_occurrence_is_scheduled_and_unpaid(world: RecurrenceWorld) -> None:
    started = await world.start()
    await world.run(STARTS - DAY)

    [order] = world.database.collection("orders").values()
    assert order["fulfilment"] == Fulfilment.SCHEDULED
    assert order["recurrence_id"] == started.id
    assert (order["payment"]["state"], order["amounts"]["items"]) == ("none", 24_000)


async def test_a_run_that_fails_before_it_records_the_occurrence_does_not_place_it_twice(
    world: RecurrenceWorld,
) -> None:
    started = await world.start()
    await world.run(STARTS - DAY)
    world.database.seed(
        f"recurrences/{started.id}",
        world.database.data(f"recurrences/{started.id}")
        | {
            "next_at": STARTS,
            "due_at": STARTS - DAY,
            "placed": 0,
        },
    )

    assert await world.run(STARTS - DAY) == (1, 1)

    assert world.orders_placed() == [STARTS]
    assert (await world.stored(started)).next_at == STARTS + DAY


async def test_an_occurrence_that_cannot_be_placed_is_retried_and_then_skipped_with_the_reason(
    world: RecurrenceWorld,
) -> None:
    started = await world.start()
    world.merchant(open=False)

    assert await world.run(STARTS - DAY) == (1, 0)
    assert (await world.stored(started)).next_at == STARTS
    assert await world.run(STARTS - DAY + timedelta(minutes=30)) == (0, 0)
    assert await world.run(STARTS - timedelta(hours=1)) == (1, 0)

    after = await world.stored(started)
    assert (after.skipped, after.skipped_at, after.next_at) == ("MERCHANT_CLOSED", STARTS, STARTS + DAY)
    world.merchant()
    await world.run(STARTS)
    assert world.orders_placed() == [STARTS + DAY]


async def test_an_unreadable_document_stops_no_other_occurrence(world: RecurrenceWorld) -> None:
    world.database.seed("merchants/mer_odd", world.database.data("merchants/mer_1") | {"id": "mer_odd"})
    world.database.seed("merchants/mer_odd/menu/2", world.database.data("merchants/mer_1/menu/2"))
    odd = await world.start(replace(DAILY, merchant_id="mer_odd"))
    await world.start()
    world.database.seed("merchants/mer_odd", {"id": "mer_odd"})

    assert await world.run(STARTS - DAY) == (2, 1)
    assert (await world.stored(odd)).next_at == STARTS


async def test_an_unknown_time_zone_stops_no_other_occurrence(world: RecurrenceWorld) -> None:
    odd, _ = await world.start(), await world.start()
    path = f"recurrences/{odd.id}"
    world.database.seed(path, world.database.data(path) | {"timezone": "Mars/Olympus"})

    assert await world.run(STARTS - DAY) == (2, 1)


async def test_more_malformed_recurrences_than_a_page_holds_stop_no_other_occurrence(
    world: RecurrenceWorld,
) -> None:
    for _ in range(3):
        path = f"recurrences/{(await world.start()).id}"
        odd = {"timezone": "Mars/Olympus", "due_at": STARTS - 2 * DAY}
        world.database.seed(path, world.database.data(path) | odd)
    sound = await world.start()

    runs = [await world.run(STARTS - DAY, Limits(page_size=2)) for _ in range(2)]

    assert runs == [(4, 1), (0, 0)]
    assert (await world.stored(sound)).placed == 1
    assert await world.run(STARTS - DAY + timedelta(hours=1)) == (3, 0)


async def test_an_occurrence_that_the_customer_skips_after_the_query_is_not_placed(
    world: RecurrenceWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = await world.start()
    seen = await world.recurrences.due(STARTS - DAY, 5, None)
    command = ChangeRecurrence(CUSTOMER, started.id, RecurrenceChange.SKIP_NEXT)
    await world.change(command)

    async def late(*_: object) -> Page[Recurrence]:
        return seen

    monkeypatch.setattr(world.recurrences, "due", late)
    assert await world.run(STARTS - DAY) == (1, 0)
    assert world.orders_placed() == []


async def test_a_contended_recurrence_stops_no_other_occurrence(
    world: RecurrenceWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy, _ = await world.start(), await world.start()
    place = world.recurrences.place

    async def contended(key: OccurrenceKey, *arguments: Any) -> Order:
        if key.recurrence_id == busy.id:
            raise Contended
        return await place(key, *arguments)

    with monkeypatch.context() as crowded:
        crowded.setattr(world.recurrences, "place", contended)
        assert await world.run(STARTS - DAY) == (2, 1)

    assert await world.run(STARTS - DAY) == (1, 1)
    assert world.orders_placed() == [STARTS, STARTS]


async def test_concurrent_runs_place_the_last_item_once_and_skip_no_occurrence(
    world: RecurrenceWorld,
) -> None:
    world.stock("cake", 1)
    started = await world.start(replace(DAILY, items=(ItemRequest("cake", 1),)))

    await asyncio.gather(*(world.run(STARTS - DAY) for _ in range(5)))

    after = await world.stored(started)
    assert (after.placed, after.skipped, after.next_at) == (1, "", STARTS + DAY)
    assert (world.left("cake"), world.orders_placed()) == (0, [STARTS])


async def test_a_lost_answer_places_an_occurrence_once(
    world: RecurrenceWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = await world.start()
    commit = world.database.commit
    lost: list[bool] = []

    async def loses_its_first_answer(writes: Sequence[Write]) -> None:
        await commit(writes)
        if not lost and any(write.path.startswith("orders/") for write in writes):
            lost.append(True)
            raise CommitUnknown

    monkeypatch.setattr(world.database, "commit", loses_its_first_answer)
    assert await world.run(STARTS - DAY) == (1, 1)

    assert lost
    assert world.orders_placed() == [STARTS]
    assert (await world.stored(started)).placed == 1


@pytest.mark.parametrize("change", RecurrenceChange)
async def test_an_occurrence_skipped_while_it_is_being_placed_is_not_placed(
    world: RecurrenceWorld, monkeypatch: pytest.MonkeyPatch, change: RecurrenceChange
) -> None:
    started = await world.start()
    commit, command = world.database.commit, ChangeRecurrence(CUSTOMER, started.id, change)

    async def overtaken(writes: Sequence[Write]) -> None:
        if any(write.path.startswith("orders/") for write in writes):
            monkeypatch.setattr(world.database, "commit", commit)
            await world.change(command)
        await commit(writes)

    monkeypatch.setattr(world.database, "commit", overtaken)
    assert await world.run(STARTS - DAY) == (1, 0)

    assert world.orders_placed() == []
    after = await world.stored(started)
    assert (after.placed, after.skipped) == (0, "")


async def test_skipping_an_occurrence_that_has_just_been_placed_is_refused_and_skips_no_other(
    world: RecurrenceWorld,
) -> None:
    started = await world.start()
    await world.run(STARTS - DAY)

    with pytest.raises(OccurrenceNotPending):
        await world.skip(started, STARTS)
    assert (await world.stored(started)).next_at == STARTS + DAY

    assert (await world.skip(started, STARTS + DAY)).next_at == STARTS + 2 * DAY
    with pytest.raises(OccurrenceNotPending):
        await world.skip(started, STARTS + DAY)


async def test_an_occurrence_of_a_slow_shop_leaves_its_customer_time_to_pay(
    world: RecurrenceWorld,
) -> None:
    world.merchant(prep_minutes=200)
    await world.start()
    late = STARTS - timedelta(hours=3, minutes=30)
    assert await world.run(late) == (1, 1)
    [order] = world.database.collection("orders").values()

    await sweep_at(world.orders, late + timedelta(minutes=14))
    assert (await world.orders.get(order["id"])).fulfilment is Fulfilment.SCHEDULED
    await sweep_at(world.orders, late + timedelta(minutes=16))
    assert (await world.orders.get(order["id"])).fulfilment is Fulfilment.CANCELLED


async def test_an_unpaid_occurrence_releases_its_goods_long_before_its_time(world: RecurrenceWorld) -> None:
    world.stock("cake", 3)
    await world.start(replace(DAILY, items=(ItemRequest("cake", 2),)))
    placed_at = STARTS - DAY
    await world.run(placed_at)
    [stored] = world.database.collection("orders").values()
    assert world.left("cake") == 1

    async def swept(after: timedelta) -> Fulfilment:
        await sweep_at(world.orders, placed_at + after)
        return (await world.orders.get(stored["id"])).fulfilment

    for minutes in (15, 60, 6 * 60 - 1):
        assert await swept(timedelta(minutes=minutes)) is Fulfilment.SCHEDULED
    assert await swept(timedelta(hours=6)) is Fulfilment.CANCELLED

    assert world.left("cake") == 3
    assert [event["reason"] for event in world.bus.fields("order_cancelled")] == ["unpaid"]


async def test_an_occurrence_survives_an_unavailable_database(
    world: RecurrenceWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = await world.start()

    async def away(*_: object) -> None:
        raise Unavailable

    with monkeypatch.context() as gone:
        gone.setattr(world.quotes, "add", away)
        assert await world.run(STARTS - timedelta(hours=1)) == (1, 0)

    assert (await world.stored(started)).next_at == STARTS
    assert await world.run(STARTS - timedelta(hours=1)) == (1, 1)


async def test_the_customer_skips_an_occurrence_or_ends_the_recurrence(world: RecurrenceWorld) -> None:
    started = await world.start()

    async def change(what: RecurrenceChange, uid: str = CUSTOMER) -> Recurrence:
        command = ChangeRecurrence(uid, started.id, what)
        return await world.change(command)

    assert (await change(RecurrenceChange.SKIP_NEXT)).next_at == STARTS + DAY
    with pytest.raises(RecurrenceNotFound):
        await change(RecurrenceChange.END, STRANGER)
    assert (await change(RecurrenceChange.END)).next_at is None
    assert (await change(RecurrenceChange.END)).next_at is None
    with pytest.raises(RecurrenceEnded):
        await change(RecurrenceChange.SKIP_NEXT)
    assert await world.run(STARTS + 9 * DAY) == (0, 0)


async def test_the_recurrence_of_a_closed_account_ends_and_reserves_no_goods(world: RecurrenceWorld) -> None:
    world.stock("cake", 3)
    started = await world.start(replace(DAILY, items=(ItemRequest("cake", 2),)))
    world.database.seed(f"auth/{CUSTOMER}", {"uid": CUSTOMER, "disabled": False})
    assert await world.run(STARTS - DAY) == (1, 1)

    world.database.seed(f"auth/{CUSTOMER}", {"uid": CUSTOMER, "disabled": True})
    world.stock("cake", 3)
    assert await world.run(STARTS) == (1, 0)

    assert (world.left("cake"), world.orders_placed()) == (3, [STARTS])
    assert (await world.stored(started)).next_at is None


async def test_one_customer_has_at_most_twenty_active_recurrences_even_when_started_concurrently(
    world: RecurrenceWorld,
) -> None:
    outcomes = await asyncio.gather(*(world.start() for _ in range(25)), return_exceptions=True)
    started = [outcome for outcome in outcomes if isinstance(outcome, Recurrence)]
    assert len(started) == MAX_ACTIVE
    assert sum(isinstance(outcome, TooManyRecurrences) for outcome in outcomes) == 5
    assert len(world.database.collection("recurrences")) == MAX_ACTIVE

    await world.start(replace(DAILY, customer_id=STRANGER))
    end = ChangeRecurrence(CUSTOMER, started[7].id, RecurrenceChange.END)
    await world.change(end)
    await world.start()
    with pytest.raises(TooManyRecurrences):
        await world.start()


async def test_a_recurrence_after_its_last_occurrence_does_not_count_as_active(
    world: RecurrenceWorld,
) -> None:
    for _ in range(MAX_ACTIVE):
        await world.start(replace(DAILY, rule="FREQ=DAILY;COUNT=1"))
    with pytest.raises(TooManyRecurrences):
        await world.start()

    await world.run(STARTS - DAY)

    assert (await world.start()).next_at == STARTS


async def test_a_recurrence_that_could_never_be_ordered_is_refused_at_its_start(
    world: RecurrenceWorld,
) -> None:
    with pytest.raises(UnknownItem):
        await world.start(replace(DAILY, items=(ItemRequest("unheard-of", 1),)))
    with pytest.raises(ZoneUnknown):
        await world.start(replace(DAILY, timezone="../../etc/passwd"))
    with pytest.raises(ScheduleOutOfBounds):
        await world.start(replace(DAILY, starts_at=NOW - DAY))
    with pytest.raises(RuleInvalid):
        await world.start(replace(DAILY, rule="FREQ=SECONDLY"))
    with pytest.raises(OutOfRange):
        await world.start(replace(DAILY, dropoff=Place(13.2, 77.7, "The airport")))


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
def test_a_rule_outside_the_supported_part_of_the_rfc_is_refused(rule: str) -> None:
    with pytest.raises(RuleInvalid):
        check_rule(rule, RULES.frequencies)


def test_weekly_rules_follow_local_days_and_monthly_rules_the_date() -> None:
    monday = datetime(2026, 11, 23, 12, tzinfo=UTC)

    weekly = occurrences("FREQ=WEEKLY;BYDAY=MO,TH", monday, "Asia/Kolkata", 4)
    assert [(occurrence - monday).days for occurrence in weekly] == [0, 3, 7, 10]
    monthly = occurrences("FREQ=MONTHLY", datetime(2026, 1, 31, 12, tzinfo=UTC), "Asia/Kolkata", 3)
    assert [occurrence.month for occurrence in monthly] == [1, 3, 5]


def test_a_start_with_fractions_of_a_second_starts_on_its_first_day() -> None:
    starts_at = datetime(2026, 11, 23, 12, 0, 0, 500_000, tzinfo=UTC)
    found = occurrences("FREQ=DAILY;COUNT=2", starts_at, "Asia/Kolkata", 3)
    assert found == [starts_at.replace(microsecond=0) + n * DAY for n in range(2)]


@pytest.mark.parametrize("clock", [(2, 30), (1, 30)])
def test_a_local_time_that_daylight_saving_skips_or_repeats_is_one_occurrence_of_its_day(
    clock: tuple[int, int],
) -> None:
    zone = ZoneInfo("America/New_York")
    starts_at = datetime(2026, 1, 1, *clock, tzinfo=zone).astimezone(UTC)

    found = occurrences("FREQ=DAILY", starts_at, zone.key, 366)

    days = [occurrence.astimezone(zone).date() for occurrence in found]
    assert days == [starts_at.date() + n * DAY for n in range(366)]


@pytest.mark.parametrize("timezone", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe"])
def test_noon_stays_noon_across_daylight_saving(timezone: str) -> None:
    zone = ZoneInfo(timezone)
    noon = datetime(2026, 1, 1, 12, tzinfo=zone).astimezone(UTC)

    found = occurrences("FREQ=DAILY;INTERVAL=7", noon, timezone, 60)

    assert {occurrence.astimezone(zone).hour for occurrence in found} == {12}
    assert len({occurrence.hour * 60 + occurrence.minute for occurrence in found}) == 2
