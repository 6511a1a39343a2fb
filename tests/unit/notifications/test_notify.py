"""Telling people: who, once, and whatever fails on the way. Real handlers over a database in memory."""

from __future__ import annotations

import logging
import random
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from functions.notifications_events import handlers, wiring
from functions.notifications_events.handlers import HANDLERS
from shared.accounts.domain import device_id
from shared.adapters.firestore.database import CommitRefused, CommitUnknown, Write
from shared.adapters.firestore.notifications import FirestoreDevices, FirestoreInbox
from shared.kernel.errors import Unavailable
from shared.kernel.event import OrderEvent
from shared.notifications.domain import notification_id
from tests.fakes.database import MemoryDatabase
from tests.fakes.notifications import FakePush
from tests.unit.notifications import events
from tests.unit.notifications.events import COOK, CUSTOMER, DRIVER, NOW, WAITER


class Died(Exception):
    """The process ended between two lines."""


class Mortal(MemoryDatabase):
    """A database that fails the commits which a script names."""

    def __init__(self) -> None:
        super().__init__()
        self.faults: list[Exception | None] = []

    async def commit(self, writes: Sequence[Write]) -> None:
        if self.faults and (fault := self.faults.pop(0)):
            raise fault
        await super().commit(writes)


class World:
    """The handlers' surroundings."""

    def __init__(self) -> None:
        self.database = Mortal()
        self.push = FakePush()
        self.now = NOW + timedelta(seconds=1)

    def person(self, uid: str, *tokens: str, language: str = "en") -> None:
        """Register a person with devices."""
        self.database.seed(f"users/{uid}", {"uid": uid, "language": language, "push_tokens": list(tokens)})
        for token in tokens:
            self.database.seed(f"users/{uid}/devices/{device_id(token)}", {"token": token})

    def inbox(self, uid: str) -> list[str]:
        """Return the templates that a person was told."""
        return sorted(entry["template"] for entry in self.database.collection(f"users/{uid}/inbox").values())


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    world = World()
    for uid in (CUSTOMER, COOK, WAITER, DRIVER):
        world.person(uid, f"{uid}-phone")
    monkeypatch.setattr(wiring, "devices", lambda: FirestoreDevices(world.database))
    monkeypatch.setattr(wiring, "inbox", lambda: FirestoreInbox(world.database))
    monkeypatch.setattr(wiring, "push", lambda: world.push)
    monkeypatch.setattr(handlers, "utc_now", lambda: world.now)
    return world


async def _handle(event: OrderEvent) -> None:
    await HANDLERS[type(event)](event)


@pytest.mark.parametrize(
    ("event", "told"),
    [
        (events.placed(), {CUSTOMER: "order_placed.customer"}),
        (
            events.captured(),
            {
                CUSTOMER: "payment_captured.customer",
                COOK: "payment_captured.merchant",
                WAITER: "payment_captured.merchant",
            },
        ),
        (events.captured(order_cancelled=True), {CUSTOMER: "payment_too_late.customer"}),
        (events.confirmed(), {CUSTOMER: "order_confirmed.customer"}),
        (events.offer_made(), {DRIVER: "offer_made.driver"}),
        (
            events.assigned(),
            {
                CUSTOMER: "driver_assigned.customer",
                COOK: "driver_assigned.merchant",
                WAITER: "driver_assigned.merchant",
            },
        ),
        (events.picked_up(), {CUSTOMER: "order_picked_up.customer"}),
        (
            events.delivered(),
            {
                CUSTOMER: "order_delivered.customer",
                DRIVER: "order_delivered.driver",
                COOK: "order_delivered.merchant",
                WAITER: "order_delivered.merchant",
            },
        ),
        (
            events.cancelled(),
            {
                CUSTOMER: "order_cancelled.customer",
                DRIVER: "order_cancelled.driver",
                COOK: "order_cancelled.merchant",
                WAITER: "order_cancelled.merchant",
            },
        ),
        (
            events.cancelled(driver=None),
            {
                CUSTOMER: "order_cancelled.customer",
                COOK: "order_cancelled.merchant",
                WAITER: "order_cancelled.merchant",
            },
        ),
        (events.refunded(), {CUSTOMER: "payment_refunded.customer"}),
        (
            events.unassignable(),
            {
                CUSTOMER: "order_unassignable.customer",
                COOK: "order_unassignable.merchant",
                WAITER: "order_unassignable.merchant",
            },
        ),
    ],
)
async def test_each_event_is_told_to_those_whom_it_concerns_and_to_nobody_else(
    world: World, event: OrderEvent, told: dict[str, str]
) -> None:
    await _handle(event)

    for uid in (CUSTOMER, COOK, WAITER, DRIVER):
        expected = [told[uid]] if uid in told else []
        assert world.inbox(uid) == expected
        assert len(world.push.screens[f"{uid}-phone"]) == len(expected)


async def test_ten_deliveries_of_everything_in_any_order_tell_each_person_once(world: World) -> None:
    deliveries = events.every() * 10
    random.Random(7).shuffle(deliveries)

    for event in deliveries:
        await _handle(event)

    assert len(world.inbox(CUSTOMER)) == 9
    assert len(world.inbox(DRIVER)) == 3
    assert set(world.push.sent.values()) == {1}
    assert sum(world.push.sent.values()) == 9 + 3 + 2 * 5


async def test_the_inbox_keeps_what_the_phone_showed(world: World) -> None:
    await _handle(events.captured())

    id_ = notification_id("evt_captured", CUSTOMER)
    stored = world.database.data(f"users/{CUSTOMER}/inbox/{id_}")
    shown = world.push.screens[f"{CUSTOMER}-phone"][id_]
    assert stored.pop("_changes", None) is None
    assert stored == {
        "id": id_,
        "event_id": "evt_captured",
        "template": "payment_captured.customer",
        "title": "Payment received",
        "body": "INR 277.00 received. The kitchen has your order.",
        "order_id": "ord_1",
        "at": NOW,
        "read": False,
    }
    assert (shown.title, shown.body) == (stored["title"], stored["body"])


class TestReach:
    async def test_every_device_rings_and_a_person_without_one_finds_it_in_the_inbox(
        self, world: World
    ) -> None:
        world.person(CUSTOMER, "phone", "tablet", "browser")
        world.person(COOK)
        await _handle(events.captured())

        assert [len(world.push.screens[token]) for token in ("phone", "tablet", "browser")] == [1, 1, 1]
        assert world.inbox(COOK) == ["payment_captured.merchant"]

    async def test_a_person_without_a_document_finds_it_in_the_inbox(self, world: World) -> None:
        del world.database.docs[f"users/{CUSTOMER}"]
        await _handle(events.placed())

        assert world.inbox(CUSTOMER) == ["order_placed.customer"]

    @pytest.mark.parametrize(
        ("language", "title"), [("hi", "आपका ऑर्डर मिल गया"), ("ta", "We have your order")]
    )
    async def test_people_read_their_own_language_or_english(
        self, world: World, language: str, title: str
    ) -> None:
        world.person(CUSTOMER, "phone", language=language)
        await _handle(events.placed())

        assert world.push.titles("phone") == [title]

    async def test_a_cook_who_orders_at_their_own_place_is_told_once_as_the_customer(
        self, world: World
    ) -> None:
        world.database.docs.pop(f"users/{CUSTOMER}")
        event = events.delivered()
        own = type(event)(
            id="evt_own",
            at=NOW,
            actor="x",
            order_id="ord_1",
            customer_id=COOK,
            merchant_staff=(COOK, COOK),
            driver_id=COOK,
        )
        await _handle(own)

        assert world.inbox(COOK) == ["order_delivered.customer"]
        assert len(world.push.screens[f"{COOK}-phone"]) == 1


class TestDeadTokens:
    async def test_a_dead_token_is_forgotten_and_the_others_ring(self, world: World) -> None:
        world.person(CUSTOMER, "old", "new")
        world.push.dead = {"old"}
        await _handle(events.placed())

        assert world.database.data(f"users/{CUSTOMER}")["push_tokens"] == ["new"]
        devices = world.database.collection(f"users/{CUSTOMER}/devices")
        assert device_id("old") not in devices
        assert device_id("new") in devices
        assert world.push.titles("new") == ["We have your order"]
        assert world.inbox(CUSTOMER) == ["order_placed.customer"]

    @pytest.mark.parametrize("fault", [CommitRefused(), CommitUnknown()])
    async def test_a_token_that_could_not_be_forgotten_repeats_no_push(
        self, world: World, fault: Exception
    ) -> None:
        world.person(CUSTOMER, "old", "new")
        world.push.dead = {"old"}
        world.database.faults = [fault]
        await _handle(events.placed())
        await _handle(events.placed())

        assert sum(world.push.sent.values()) == 1
        assert world.inbox(CUSTOMER) == ["order_placed.customer"]

    async def test_forgetting_a_token_keeps_the_rest_of_the_account(self, world: World) -> None:
        world.database.seed(
            f"users/{CUSTOMER}", {"name": "Asha", "roles": ["admin"], "push_tokens": ["a", "b"]}
        )
        await FirestoreDevices(world.database).forget(CUSTOMER, "a")
        await FirestoreDevices(world.database).forget(CUSTOMER, "unknown")

        assert world.database.data(f"users/{CUSTOMER}") == {
            "name": "Asha",
            "roles": ["admin"],
            "push_tokens": ["b"],
        }


class TestFailures:
    async def test_a_crash_between_push_and_record_repeats_the_push_under_the_same_id(
        self, world: World
    ) -> None:
        world.database.faults = [Died()]
        with pytest.raises(Died):
            await _handle(events.placed())
        assert world.inbox(CUSTOMER) == []

        await _handle(events.placed())
        await _handle(events.placed())

        id_ = notification_id("evt_placed", CUSTOMER)
        assert world.push.sent == {(f"{CUSTOMER}-phone", id_): 2}
        assert world.push.titles(f"{CUSTOMER}-phone") == ["We have your order"]
        assert world.inbox(CUSTOMER) == ["order_placed.customer"]

    async def test_one_person_s_failure_neither_blocks_nor_repeats_the_others(self, world: World) -> None:
        world.push.failing[f"{COOK}-phone"] = 2
        for _ in range(2):
            with pytest.raises(Unavailable):
                await _handle(events.delivered())
        assert world.inbox(COOK) == []
        assert world.inbox(CUSTOMER) == ["order_delivered.customer"]

        await _handle(events.delivered())

        assert world.inbox(COOK) == ["order_delivered.merchant"]
        assert set(world.push.sent.values()) == {1}
        assert len(world.push.sent) == 4

    async def test_a_failure_that_nobody_foresaw_is_the_one_that_is_raised(self, world: World) -> None:
        world.push.failing[f"{CUSTOMER}-phone"] = 1
        world.push.broken = {f"{DRIVER}-phone"}
        with pytest.raises(ValueError, match="foresaw"):
            await _handle(events.delivered())

        assert world.inbox(COOK) == ["order_delivered.merchant"]

    async def test_one_device_s_failure_does_not_keep_the_others_silent(self, world: World) -> None:
        world.person(CUSTOMER, "phone", "tablet")
        world.push.failing["phone"] = 1
        with pytest.raises(Unavailable):
            await _handle(events.placed())
        assert world.push.titles("tablet") == ["We have your order"]

        await _handle(events.placed())

        assert world.push.titles("phone") == world.push.titles("tablet") == ["We have your order"]

    async def test_a_record_whose_answer_was_lost_is_tried_again(self, world: World) -> None:
        world.database.faults = [CommitUnknown()]
        with pytest.raises(Unavailable):
            await _handle(events.placed())
        await _handle(events.placed())

        assert world.inbox(CUSTOMER) == ["order_placed.customer"]

    async def test_a_record_that_someone_else_made_meanwhile_is_no_failure(self, world: World) -> None:
        world.database.faults = [CommitRefused()]
        await _handle(events.placed())


class TestOffers:
    async def test_an_offer_s_push_says_which_and_until_when(self, world: World) -> None:
        await _handle(events.offer_made())

        [message] = world.push.screens[f"{DRIVER}-phone"].values()
        assert message.data["offer_id"] == "off_1_1"
        assert datetime.fromisoformat(message.data["expires_at"]) == NOW + timedelta(seconds=30)
        assert message.expires_at == NOW + timedelta(seconds=30)
        assert "Dosa {Corner}" in message.body

    async def test_an_offer_that_has_ended_rings_no_phone(self, world: World) -> None:
        world.now = NOW + timedelta(seconds=30)
        await _handle(events.offer_made())

        assert world.push.sent == {}
        assert world.inbox(DRIVER) == ["offer_made.driver"]


async def test_payloads_hold_ids_and_times_only_and_logs_hold_no_token(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    world.push.dead = {f"{WAITER}-phone"}
    for event in events.every():
        await _handle(event)

    allowed = {"notification_id", "template", "order_id", "offer_id", "expires_at"}
    for screen in world.push.screens.values():
        for message in screen.values():
            assert set(message.data) <= allowed
            assert "+9198" not in message.body
    logged = [f"{record.getMessage()} {vars(record)}" for record in caplog.records]
    assert not any(f"{uid}-phone" in line for uid in (CUSTOMER, COOK, WAITER, DRIVER) for line in logged)
