"""One suite for `Devices` and `Inbox` of notifications: every database alike."""

from __future__ import annotations

from dataclasses import replace

import pytest

from shared.adapters.firestore.notifications import FirestoreDevices, FirestoreInbox
from shared.kernel.device import device_id
from shared.notifications.domain import Notification, Reach
from tests.builders import NOW
from tests.contract.stores import Ground

NOTE = Notification("ntf_1", "evt_1", "order_ready.customer", "Ready", "ठीक", "ord_1", NOW)


@pytest.fixture
def devices(ground: Ground) -> FirestoreDevices:
    return FirestoreDevices(ground.database)


@pytest.fixture
def inbox(ground: Ground) -> FirestoreInbox:
    return FirestoreInbox(ground.database)


async def test_a_person_is_reached_in_their_language_on_all_their_devices(
    ground: Ground, devices: FirestoreDevices
) -> None:
    await ground.put("users/asha", {"uid": "asha", "language": "hi", "push_tokens": ["one", "two"]})
    assert await devices.reach("asha") == Reach("hi", ("one", "two"))


async def test_what_a_person_has_muted_comes_with_the_same_read(
    ground: Ground, devices: FirestoreDevices
) -> None:
    await ground.put("users/asha", {"push_tokens": ["one"], "muted": ["orders.push", "account.email"]})
    assert await devices.reach("asha") == Reach("en", ("one",), ("orders.push", "account.email"))
    await ground.put("users/asha", {"push_tokens": ["one"], "muted": "orders.push"})
    assert await devices.reach("asha") == Reach("en", ("one",))


async def test_someone_unknown_or_without_devices_is_reached_nowhere(
    ground: Ground, devices: FirestoreDevices
) -> None:
    await ground.put("users/ravi", {"roles": ["admin"], "push_tokens": None})
    assert await devices.reach("nobody") == await devices.reach("ravi") == Reach()


async def test_a_dead_token_is_forgotten_with_its_device(ground: Ground, devices: FirestoreDevices) -> None:
    await ground.put("users/asha", {"language": "en", "push_tokens": ["one", "two"]})
    for token in ("one", "two"):
        await ground.put(f"users/asha/devices/{device_id(token)}", {"token": token})
    await devices.forget("asha", "one")

    assert (await devices.reach("asha")).tokens == ("two",)
    assert await ground.ids("users/asha/devices") == [device_id("two")]


async def test_forgetting_what_is_not_there_changes_nothing(
    ground: Ground, devices: FirestoreDevices
) -> None:
    await ground.put("users/asha", {"push_tokens": ["two"]})
    await devices.forget("asha", "one")
    await devices.forget("nobody", "one")
    assert await ground.data("users/asha") == {"push_tokens": ["two"]}
    assert await ground.ids("users") == ["asha"]


async def test_who_changes_the_account_meanwhile_goes_before_the_forgetting(
    ground: Ground, devices: FirestoreDevices
) -> None:
    await ground.put("users/asha", {"push_tokens": ["one"]})
    ground.database.overtake("users/asha", push_tokens=["one", "new"])
    await devices.forget("asha", "one")
    assert (await devices.reach("asha")).tokens == ("one", "new")


async def test_a_notification_is_kept_once_and_waits_for_its_push(
    ground: Ground, inbox: FirestoreInbox
) -> None:
    assert await inbox.record("asha", NOTE)
    assert await inbox.record("asha", replace(NOTE, title="Again"))
    stored = await ground.data(f"users/asha/inbox/{NOTE.id}")
    assert stored is not None
    assert (stored["title"], stored["body"], stored["at"], stored["read"]) == ("Ready", "ठीक", NOW, False)


async def test_what_was_pushed_to_one_person_is_pushed_to_nobody_else_by_that(inbox: FirestoreInbox) -> None:
    await inbox.record("asha", NOTE)
    await inbox.mark_pushed("asha", NOTE.id, NOW)
    assert not await inbox.record("asha", NOTE)
    assert await inbox.record("ravi", NOTE)


async def test_a_mark_makes_no_entry_where_there_is_none(ground: Ground, inbox: FirestoreInbox) -> None:
    await inbox.mark_pushed("asha", NOTE.id, NOW)
    assert await ground.ids("users/asha/inbox") == []
