"""Notifying users: recipients, texts, and no duplicates. Real handlers over a database in memory."""

from __future__ import annotations

import logging
import random
from datetime import datetime, timedelta

import pytest

from shared.kernel.event import Event
from shared.notifications.domain import notification_id
from shared.verification.events import DocumentApproved, DocumentExpired, DocumentExpiring, DocumentRejected
from tests.unit.notifications import events
from tests.unit.notifications.events import COOK, CUSTOMER, DRIVER, MERCHANT, NOW, WAITER
from tests.unit.notifications.world import World

pytestmark = pytest.mark.mission("I1")


@pytest.mark.parametrize(
    ("event", "by_user"),
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
        (
            events.captured(later=True),
            {
                CUSTOMER: "payment_captured_for_later.customer",
                COOK: "payment_captured_for_later.merchant",
                WAITER: "payment_captured_for_later.merchant",
            },
        ),
        (events.activated(), {COOK: "order_to_confirm.merchant", WAITER: "order_to_confirm.merchant"}),
        (
            events.activated(confirmed=True),
            {COOK: "order_to_prepare.merchant", WAITER: "order_to_prepare.merchant"},
        ),
        (events.confirmed_ahead(), {CUSTOMER: "order_confirmed_ahead.customer"}),
        (events.occurrence_placed(), {CUSTOMER: "occurrence_placed.customer"}),
        (events.occurrence_skipped(), {CUSTOMER: "occurrence_skipped.customer"}),
        (events.recurrence_stopped(), {CUSTOMER: "recurrence_stopped.customer"}),
        (events.confirmed(), {CUSTOMER: "order_confirmed.customer"}),
        (events.offer_made(), {DRIVER: "offer_made.driver"}),
        (events.tipped(), {DRIVER: "tip_paid.driver"}),
        (events.proposed(), {CUSTOMER: "substitution_proposed.customer"}),
        (
            events.accepted(),
            {COOK: "substitution_accepted.merchant", WAITER: "substitution_accepted.merchant"},
        ),
        (
            events.declined(CUSTOMER),
            {COOK: "substitution_declined.merchant", WAITER: "substitution_declined.merchant"},
        ),
        (
            events.declined(),
            {
                CUSTOMER: "substitution_declined.customer",
                COOK: "substitution_declined.merchant",
                WAITER: "substitution_declined.merchant",
            },
        ),
        (
            events.stalled(),
            {COOK: "order_reminder_raised.merchant", WAITER: "order_reminder_raised.merchant"},
        ),
        *(
            (events.reassigned(goods), {COOK: f"{key}.merchant", WAITER: f"{key}.merchant"})
            for goods, key in (
                ("ready", "order_reassigned"),
                ("make_again", "order_to_make_again"),
                ("pack_again", "order_to_pack_again"),
            )
        ),
        (events.stalled("driver"), {DRIVER: "order_reminder_raised.driver"}),
        (events.document(DocumentApproved), {DRIVER: "document_approved.owner"}),
        (events.document(DocumentRejected), {DRIVER: "document_rejected.owner"}),
        (events.document(DocumentExpiring), {DRIVER: "document_expiring.owner"}),
        (events.document(DocumentExpired), {DRIVER: "document_expired.owner"}),
        (events.factor_added(), {CUSTOMER: "second_factor_added.owner"}),
        (events.factor_removed(), {CUSTOMER: "second_factor_removed.owner"}),
        (events.factor_reset(), {CUSTOMER: "second_factor_reset.owner"}),
        (events.set_offline(), {DRIVER: "driver_set_offline.driver"}),
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
        (
            events.delivery_failed(),
            {
                CUSTOMER: "delivery_failed.customer",
                COOK: "delivery_failed.merchant",
                WAITER: "delivery_failed.merchant",
            },
        ),
        (events.redelivery_started(), {CUSTOMER: "redelivery_started.customer"}),
        (events.returning(), {COOK: "order_returning.merchant", WAITER: "order_returning.merchant"}),
        (events.returned(), {CUSTOMER: "order_returned.customer", DRIVER: "order_returned.driver"}),
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
async def test_each_event_notifies_exactly_its_parties(
    world: World, event: Event, by_user: dict[str, str]
) -> None:
    await world.handle(event)

    for uid in (CUSTOMER, COOK, WAITER, DRIVER):
        expected = [by_user[uid]] if uid in by_user else []
        assert world.inbox(uid) == expected
        assert len(world.push.screens[f"{uid}-phone"]) == len(expected)


async def test_ten_deliveries_of_everything_in_any_order_notify_each_user_once(world: World) -> None:
    deliveries = events.every() * 10
    random.Random(7).shuffle(deliveries)

    for event in deliveries:
        await world.handle(event)

    assert len(world.inbox(CUSTOMER)) == 15
    assert len(world.inbox(DRIVER)) == 5
    assert set(world.push.sent.values()) == {1}
    assert sum(world.push.sent.values()) == 15 + 5 + 2 * 11


async def test_the_inbox_holds_what_the_device_showed(world: World) -> None:
    await world.handle(events.captured())

    id_ = notification_id("evt_captured", CUSTOMER)
    stored = world.database.data(f"users/{CUSTOMER}/inbox/{id_}")
    shown = world.push.screens[f"{CUSTOMER}-phone"][id_]
    assert stored.pop("_changes", None) is None
    assert stored == {
        "id": id_,
        "event_id": "evt_captured",
        "template": "payment_captured.customer",
        "title": "Payment received",
        "body": "INR 277.00 received. The merchant has your order.",
        "order_id": "ord_1",
        "at": NOW,
        "read": False,
        "pushed_at": world.now,
        "reached": [],
    }
    assert (shown.title, shown.body) == (stored["title"], stored["body"])


class TestDevicesAndLanguages:
    async def test_every_device_gets_the_push_and_a_user_without_a_device_finds_it_in_the_inbox(
        self, world: World
    ) -> None:
        world.person(CUSTOMER, "phone", "tablet", "browser")
        world.person(COOK)
        await world.handle(events.captured())

        assert [len(world.push.screens[token]) for token in ("phone", "tablet", "browser")] == [1, 1, 1]
        assert world.inbox(COOK) == ["payment_captured.merchant"]

    async def test_a_person_without_a_document_finds_it_in_the_inbox(self, world: World) -> None:
        del world.database.docs[f"users/{CUSTOMER}"]
        await world.handle(events.placed())

        assert world.inbox(CUSTOMER) == ["order_placed.customer"]

    @pytest.mark.parametrize(
        ("language", "title"), [("hi", "आपका ऑर्डर मिल गया"), ("ta", "We have your order")]
    )
    async def test_people_read_their_own_language_or_english(
        self, world: World, language: str, title: str
    ) -> None:
        world.person(CUSTOMER, "phone", language=language)
        await world.handle(events.placed())

        assert world.push.titles("phone") == [title]

    async def test_staff_who_order_at_their_own_shop_are_notified_once_as_the_customer(
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
            merchant_id=MERCHANT,
            driver_id=COOK,
        )
        await world.handle(own)

        assert world.inbox(COOK) == ["order_delivered.customer"]
        assert len(world.push.screens[f"{COOK}-phone"]) == 1

    async def test_the_staff_at_the_time_of_the_delivery_is_notified(self, world: World) -> None:
        world.person("new", "new-phone")
        world.dismiss(WAITER)
        world.hire("new")
        await world.handle(events.captured())

        assert world.inbox(WAITER) == []
        assert world.push.titles(f"{WAITER}-phone") == []
        assert world.inbox("new") == world.inbox(COOK) == ["payment_captured.merchant"]
        assert len(world.push.titles("new-phone")) == 1


class TestOffers:
    async def test_an_offer_s_push_says_which_and_until_when(self, world: World) -> None:
        await world.handle(events.offer_made())

        [message] = world.push.screens[f"{DRIVER}-phone"].values()
        assert message.data["offer_id"] == "off_1_1"
        assert datetime.fromisoformat(message.data["expires_at"]) == NOW + timedelta(seconds=30)
        assert message.expires_at == NOW + timedelta(seconds=30)
        assert "Dosa {Corner}" in message.body

    async def test_an_expired_offer_is_not_pushed(self, world: World) -> None:
        world.now = NOW + timedelta(seconds=30)
        await world.handle(events.offer_made())

        assert world.push.sent == {}
        assert world.inbox(DRIVER) == ["offer_made.driver"]


async def test_payloads_hold_ids_and_times_only_and_logs_hold_no_token(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    world.push.dead = {f"{WAITER}-phone"}
    for event in events.every():
        await world.handle(event)

    allowed = {"notification_id", "template", "order_id", "offer_id", "expires_at", "scheduled_for"}
    for screen in world.push.screens.values():
        for message in screen.values():
            assert set(message.data) <= allowed
            assert "+9198" not in message.body
    logged = [f"{record.getMessage()} {vars(record)}" for record in caplog.records]
    assert not any(f"{uid}-phone" in line for uid in (CUSTOMER, COOK, WAITER, DRIVER) for line in logged)
