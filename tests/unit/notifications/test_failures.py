"""Notifying users although something fails: dead tokens, crashes, a failing push service."""

from __future__ import annotations

from collections import Counter

import pytest

from shared.adapters.firestore.database import CommitRefused, CommitUnknown
from shared.adapters.firestore.notifications import FirestoreDevices
from shared.kernel.device import device_id
from shared.kernel.errors import Unavailable
from shared.notifications.domain import notification_id
from tests.fakes.copies import copied
from tests.unit.notifications import events
from tests.unit.notifications.events import COOK, CUSTOMER, DRIVER
from tests.unit.notifications.world import World


class Died(Exception):
    """The process ended between two lines."""


class TestDeadTokens:
    async def test_a_dead_token_is_removed_and_the_other_devices_get_the_push(self, world: World) -> None:
        world.person(CUSTOMER, "old", "new")
        world.push.dead = {"old"}
        await world.handle(events.placed())

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
        await world.handle(events.placed())
        await world.handle(events.placed())

        assert sum(world.push.sent.values()) == 1
        assert world.inbox(CUSTOMER) == ["order_placed.customer"]

    async def test_forgetting_a_token_keeps_the_rest_of_the_account(self, world: World) -> None:
        world.database.seed(
            f"users/{CUSTOMER}", {"name": "Asha", "roles": ["admin"], "push_tokens": ["a", "b"]}
        )
        devices = FirestoreDevices(world.database, copied(world.database))
        await devices.remove_token(CUSTOMER, "a")
        await devices.remove_token(CUSTOMER, "unknown")

        assert world.database.data(f"users/{CUSTOMER}") == {
            "name": "Asha",
            "roles": ["admin"],
            "push_tokens": ["b"],
        }


class TestFailures:
    async def test_a_push_service_that_never_comes_back_takes_nothing_out_of_the_inbox(
        self, world: World
    ) -> None:
        world.push.failing[f"{CUSTOMER}-phone"] = 100
        for _ in range(10):
            with pytest.raises(Unavailable):
                await world.handle(events.placed())

        assert world.inbox(CUSTOMER) == ["order_placed.customer"]
        assert world.push.sent == {}

    async def test_a_phone_that_rang_does_not_ring_again_because_another_one_fails(
        self, world: World
    ) -> None:
        world.person(CUSTOMER, "phone", "tablet", "watch")
        world.push.failing = Counter({"tablet": 3, "watch": 1})
        for _ in range(3):
            with pytest.raises(Unavailable):
                await world.handle(events.placed())
        await world.handle(events.placed())
        await world.handle(events.placed())

        assert sorted((token, times) for (token, _), times in world.push.sent.items()) == [
            ("phone", 1),
            ("tablet", 1),
            ("watch", 1),
        ]
        assert world.inbox(CUSTOMER) == ["order_placed.customer"]

    async def test_a_phone_that_was_added_meanwhile_gets_the_push_too(self, world: World) -> None:
        world.person(CUSTOMER, "phone", "tablet")
        world.push.failing = Counter({"tablet": 1})
        with pytest.raises(Unavailable):
            await world.handle(events.placed())
        world.person(CUSTOMER, "phone", "tablet", "new")
        await world.handle(events.placed())

        assert set(world.push.screens) == {"phone", "tablet", "new"}

    async def test_a_crash_before_the_push_leads_to_one_push_and_one_entry(self, world: World) -> None:
        world.push.dying = Died()
        with pytest.raises(Died):
            await world.handle(events.placed())
        assert world.push.sent == {}

        world.push.dying = None
        for _ in range(3):
            await world.handle(events.placed())

        assert set(world.push.sent.values()) == {1}
        assert world.inbox(CUSTOMER) == ["order_placed.customer"]

    async def test_a_crash_between_push_and_entry_repeats_the_push_under_the_same_id(
        self, world: World
    ) -> None:
        world.database.faults = [Died()]
        with pytest.raises(Died):
            await world.handle(events.placed())

        await world.handle(events.placed())
        await world.handle(events.placed())

        id_ = notification_id("evt_placed", CUSTOMER)
        assert world.push.sent == {(f"{CUSTOMER}-phone", id_): 2}
        assert world.push.titles(f"{CUSTOMER}-phone") == ["We have your order"]
        assert world.inbox(CUSTOMER) == ["order_placed.customer"]

    async def test_a_push_that_could_not_be_stored_at_once_is_stored_and_not_repeated(
        self, world: World
    ) -> None:
        world.database.faults = [CommitUnknown()]
        await world.handle(events.placed())
        await world.handle(events.placed())

        assert set(world.push.sent.values()) == {1}
        assert world.inbox(CUSTOMER) == ["order_placed.customer"]

    async def test_what_another_delivery_stored_meanwhile_is_not_doubled(self, world: World) -> None:
        world.push.failing[f"{CUSTOMER}-phone"] = 1
        with pytest.raises(Unavailable):
            await world.handle(events.placed())
        world.database.faults = [CommitRefused(), CommitRefused()]
        await world.handle(events.placed())

        assert set(world.push.sent.values()) == {1}
        assert world.inbox(CUSTOMER) == ["order_placed.customer"]

    async def test_an_entry_of_before_there_were_marks_counts_as_pushed(self, world: World) -> None:
        await world.handle(events.placed())
        path = f"users/{CUSTOMER}/inbox/{notification_id('evt_placed', CUSTOMER)}"
        old = world.database.data(path)
        del old["pushed_at"]
        world.database.seed(path, old)
        await world.handle(events.placed())

        assert set(world.push.sent.values()) == {1}

    async def test_one_person_s_failure_neither_blocks_nor_repeats_the_others(self, world: World) -> None:
        world.push.failing[f"{COOK}-phone"] = 2
        for _ in range(2):
            with pytest.raises(Unavailable):
                await world.handle(events.delivered())
        assert world.inbox(COOK) == ["order_delivered.merchant"]
        assert world.inbox(CUSTOMER) == ["order_delivered.customer"]

        await world.handle(events.delivered())

        assert world.inbox(COOK) == ["order_delivered.merchant"]
        assert set(world.push.sent.values()) == {1}
        assert len(world.push.sent) == 4

    async def test_an_unexpected_error_takes_precedence(self, world: World) -> None:
        world.push.failing[f"{CUSTOMER}-phone"] = 1
        world.push.broken = {f"{DRIVER}-phone"}
        with pytest.raises(ValueError, match="unexpected"):
            await world.handle(events.delivered())

        assert world.inbox(COOK) == ["order_delivered.merchant"]

    async def test_one_device_s_failure_does_not_keep_the_others_silent(self, world: World) -> None:
        world.person(CUSTOMER, "phone", "tablet")
        world.push.failing["phone"] = 1
        with pytest.raises(Unavailable):
            await world.handle(events.placed())
        assert world.push.titles("tablet") == ["We have your order"]

        await world.handle(events.placed())

        assert world.push.titles("phone") == world.push.titles("tablet") == ["We have your order"]

    async def test_an_entry_that_gets_no_answer_is_stored_at_the_next_delivery(self, world: World) -> None:
        world.database.faults = [CommitUnknown(), CommitUnknown()]
        with pytest.raises(Unavailable):
            await world.handle(events.placed())
        await world.handle(events.placed())

        assert world.inbox(CUSTOMER) == ["order_placed.customer"]

    async def test_a_stored_notification_whose_answer_was_lost_is_pushed_once(self, world: World) -> None:
        world.database.lost_answers = 2
        await world.handle(events.placed())
        await world.handle(events.placed())

        assert set(world.push.sent.values()) == {1}
        assert world.inbox(CUSTOMER) == ["order_placed.customer"]
