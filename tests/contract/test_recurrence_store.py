"""The contract of `RecurrenceStore` and of placing an occurrence, on each database."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from shared.adapters.firestore.orders import QUOTES, FirestoreOrders
from shared.adapters.firestore.recurrences import RECURRENCES, FirestoreRecurrences
from shared.kernel.geo import Point
from shared.orders.domain import Order, OrderNotFound
from shared.orders.recurrences.domain import (
    CustomerAccountClosed,
    OccurrenceNotPending,
    Recurrence,
    RecurrenceDecision,
    RecurrenceEnded,
    RecurrenceRules,
    TooManyRecurrences,
    check_active_limit,
    decided,
    skip,
    start,
)
from shared.orders.recurrences.usecases.place_occurrence import PlaceOccurrence, place_occurrence
from tests.builders import CUSTOMER, NOW, STRANGER, quote
from tests.contract.stores import Ground
from tests.unit.catalogue.shops import shop
from tests.unit.orders.world import HOME, ORDERING

pytestmark = pytest.mark.mission("C5")

DAY = timedelta(days=1)
RULES = RecurrenceRules()
OCCURRENCE = NOW + DAY


@pytest.fixture
def recurrences(ground: Ground) -> FirestoreRecurrences:
    return FirestoreRecurrences(ground.documents)


@pytest.fixture
def orders(ground: Ground) -> FirestoreOrders:
    return FirestoreOrders(ground.documents)


def recurrence(id_: str = "rec_1", rule: str = "FREQ=DAILY", uid: str = CUSTOMER) -> Recurrence:
    """Return a recurrence with its first occurrence."""
    unstarted = Recurrence(
        id_, uid, "mer_1", (), HOME, 0, rule, "Asia/Kolkata", OCCURRENCE, NOW, next_at=None, due_at=None
    )
    return start(unstarted, RULES)


async def add(store: FirestoreRecurrences, started: Recurrence, most: int = 20) -> Recurrence:
    """Add a recurrence, unless its customer has `most` active ones."""

    def decide(active: int) -> Recurrence:
        check_active_limit(active + 20 - most)
        return started

    return await store.add(started.customer_id, decide, None)


async def place(ground: Ground, store: FirestoreRecurrences, made: Recurrence) -> Order:
    """Place the order of the first occurrence."""
    priced = quote(scheduled_for=OCCURRENCE)
    await ground.put("merchants/mer_1", shop(at=Point(priced.pickup.lat, priced.pickup.lng)))
    await ground.put(QUOTES.path(priced.id), priced)
    command = PlaceOccurrence(made.id, CUSTOMER, OCCURRENCE, priced.id)
    return await place_occurrence(command, recurrences=store, rules=RULES, ordering=ORDERING, now=NOW)


async def test_concurrent_starts_do_not_exceed_the_limit_of_active_recurrences(
    ground: Ground, recurrences: FirestoreRecurrences
) -> None:
    started = [recurrence(f"rec_{number}") for number in range(6)]
    outcomes = await asyncio.gather(
        *(add(recurrences, made, most=3) for made in started), return_exceptions=True
    )
    assert sum(isinstance(outcome, TooManyRecurrences) for outcome in outcomes) == 3
    assert len(await ground.ids("recurrences")) == 3
    await add(recurrences, recurrence("rec_other", uid=STRANGER), most=1)


async def test_placing_an_occurrence_and_advancing_the_recurrence_are_one_commit(
    ground: Ground, recurrences: FirestoreRecurrences, orders: FirestoreOrders
) -> None:
    made = await add(recurrences, recurrence())
    placed = await place(ground, recurrences, made)

    after = await recurrences.find(made.id)
    assert after is not None
    assert (placed.scheduled_for, after.placed, after.next_at) == (OCCURRENCE, 1, OCCURRENCE + DAY)


async def test_an_occurrence_that_is_skipped_first_is_not_placed(
    ground: Ground, recurrences: FirestoreRecurrences, orders: FirestoreOrders
) -> None:
    made = await add(recurrences, recurrence())
    after = skip(made, RULES)
    ground.database.overtake(RECURRENCES.path(made.id), next_at=after.next_at, due_at=after.due_at)

    with pytest.raises(OccurrenceNotPending):
        await place(ground, recurrences, made)

    assert await ground.ids("orders") == []
    assert await recurrences.find(made.id) == after


async def test_an_occurrence_that_is_placed_first_cannot_be_skipped(
    ground: Ground, recurrences: FirestoreRecurrences, orders: FirestoreOrders
) -> None:
    made = await add(recurrences, recurrence(rule="FREQ=DAILY;COUNT=1"))
    placed = await place(ground, recurrences, made)

    def skip_stored(stored: Recurrence | None) -> RecurrenceDecision:
        assert stored is not None
        return decided(skip(stored, RULES, OCCURRENCE))

    with pytest.raises(RecurrenceEnded):
        await recurrences.change(made.id, skip_stored)
    assert (await orders.get(placed.id)).recurrence_id == made.id


async def test_no_occurrence_is_placed_for_a_closed_account(
    ground: Ground, recurrences: FirestoreRecurrences, orders: FirestoreOrders
) -> None:
    made = await add(recurrences, recurrence())
    await ground.put(f"auth/{CUSTOMER}", {"uid": CUSTOMER, "disabled": True})
    with pytest.raises(CustomerAccountClosed):
        await place(ground, recurrences, made)
    with pytest.raises(OrderNotFound):
        await orders.get("ord_1")
    assert await ground.ids("orders") == []
