"""One suite for `RecurrenceStore`, and for the order of a turn: every database alike."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from shared.adapters.firestore.orders import QUOTES, FirestoreOrders
from shared.adapters.firestore.recurrences import RECURRENCES, FirestoreRecurrences
from shared.orders.domain import Order, OrderNotFound
from shared.orders.recurrences.domain import (
    CustomerGone,
    Recurrence,
    RecurrenceEnded,
    TooManyRecurrences,
    TurnOver,
    check_room,
    first,
    skipped,
)
from shared.orders.usecases.place_order import PlaceOrder, place_order
from tests.builders import CUSTOMER, NOW, STRANGER, quote
from tests.contract.stores import Ground
from tests.unit.catalogue.shops import shop
from tests.unit.orders.world import HOME

pytestmark = pytest.mark.mission("C5")

DAY = timedelta(days=1)
TURN = NOW + DAY


@pytest.fixture
def recurrences(ground: Ground) -> FirestoreRecurrences:
    return FirestoreRecurrences(ground.documents)


@pytest.fixture
def orders(ground: Ground) -> FirestoreOrders:
    return FirestoreOrders(ground.documents)


def wish(id_: str = "rec_1", rule: str = "FREQ=DAILY", uid: str = CUSTOMER) -> Recurrence:
    """Return a recurring order that waits for its first turn."""
    made = Recurrence(
        id_, uid, "mer_1", (), HOME, 0, rule, "Asia/Kolkata", TURN, NOW, next_at=None, due_at=None
    )
    return first(made)


async def begin(store: FirestoreRecurrences, made: Recurrence, most: int = 20) -> Recurrence:
    """Begin a recurring order, unless its customer has `most`."""

    def decide(active: int) -> Recurrence:
        check_room(active + 20 - most)
        return made

    return await store.add(made.customer_id, decide, None)


async def turn_of(ground: Ground, store: FirestoreOrders, made: Recurrence) -> Order:
    """Place the order of the first turn."""
    await ground.put("merchants/mer_1", shop())
    priced = quote(scheduled_for=TURN)
    await ground.put(QUOTES.path(priced.id), priced)
    command = PlaceOrder(CUSTOMER, priced.id, turn=(made.id, TURN))
    return await place_order(command, orders=store, now=NOW, once=None)


async def test_of_many_that_are_begun_at_once_there_are_no_more_than_there_can_be(
    ground: Ground, recurrences: FirestoreRecurrences
) -> None:
    wishes = [wish(f"rec_{number}") for number in range(6)]
    outcomes = await asyncio.gather(
        *(begin(recurrences, made, most=3) for made in wishes), return_exceptions=True
    )
    assert sum(isinstance(outcome, TooManyRecurrences) for outcome in outcomes) == 3
    assert len(await ground.ids("recurrences")) == 3
    await begin(recurrences, wish("rec_other", uid=STRANGER), most=1)


async def test_the_order_of_a_turn_and_the_series_going_on_are_one_commit(
    ground: Ground, recurrences: FirestoreRecurrences, orders: FirestoreOrders
) -> None:
    made = await begin(recurrences, wish())
    placed = await turn_of(ground, orders, made)

    after = await recurrences.find(made.id)
    assert after is not None
    assert (placed.scheduled_for, after.placed, after.next_at) == (TURN, 1, TURN + DAY)


async def test_a_turn_that_is_left_out_first_is_not_placed(
    ground: Ground, recurrences: FirestoreRecurrences, orders: FirestoreOrders
) -> None:
    made = await begin(recurrences, wish())
    left_out = skipped(made)
    ground.database.overtake(RECURRENCES.path(made.id), next_at=left_out.next_at, due_at=left_out.due_at)

    with pytest.raises(TurnOver):
        await turn_of(ground, orders, made)

    assert await ground.ids("orders") == []
    assert await recurrences.find(made.id) == left_out


async def test_a_turn_that_is_placed_first_cannot_be_left_out(
    ground: Ground, recurrences: FirestoreRecurrences, orders: FirestoreOrders
) -> None:
    made = await begin(recurrences, wish(rule="FREQ=DAILY;COUNT=1"))
    placed = await turn_of(ground, orders, made)

    def leave_out(stored: Recurrence | None) -> Recurrence:
        assert stored is not None
        return skipped(stored, TURN)

    with pytest.raises(RecurrenceEnded):
        await recurrences.change(made.id, leave_out)
    assert (await orders.get(placed.id)).recurrence_id == made.id


async def test_no_turn_is_placed_for_a_closed_account(
    ground: Ground, recurrences: FirestoreRecurrences, orders: FirestoreOrders
) -> None:
    made = await begin(recurrences, wish())
    await ground.put(f"users/{CUSTOMER}", {"uid": CUSTOMER, "disabled": True})
    with pytest.raises(CustomerGone):
        await turn_of(ground, orders, made)
    with pytest.raises(OrderNotFound):
        await orders.get("ord_1")
    assert await ground.ids("orders") == []
