"""One suite for `Devices` and `Inbox` of notifications: every database alike."""

from __future__ import annotations

from dataclasses import replace

import pytest

from shared.adapters.firestore.notifications import FirestoreDevices, FirestoreInbox
from shared.kernel.device import device_id
from shared.notifications.domain import ContactPoints, Notification
from shared.notifications.ports import Entry
from tests.builders import NOW
from tests.contract.stores import Ground
from tests.fakes.copies import copied

NOTE = Notification("ntf_1", "evt_1", "order_ready.customer", "Ready", "ठीक", "ord_1", NOW)


@pytest.fixture
def devices(ground: Ground) -> FirestoreDevices:
    return FirestoreDevices(ground.database, copied(ground.database))


@pytest.fixture
def inbox(ground: Ground) -> FirestoreInbox:
    return FirestoreInbox(ground.database)


async def test_contact_points_are_the_language_and_all_devices_of_a_user(
    ground: Ground, devices: FirestoreDevices
) -> None:
    await ground.put("users/asha", {"uid": "asha", "language": "hi", "push_tokens": ["one", "two"]})
    assert await devices.contact_points("asha") == ContactPoints("hi", ("one", "two"))


async def test_muted_topics_come_with_the_same_read(ground: Ground, devices: FirestoreDevices) -> None:
    await ground.put("users/asha", {"push_tokens": ["one"], "muted": ["orders.push", "account.email"]})
    assert await devices.contact_points("asha") == ContactPoints(
        "en", ("one",), ("orders.push", "account.email")
    )
    await ground.put("users/asha", {"push_tokens": ["one"], "muted": "orders.push"})
    assert await devices.contact_points("asha") == ContactPoints("en", ("one",))


async def test_an_unknown_user_or_one_without_devices_has_no_contact_points(
    ground: Ground, devices: FirestoreDevices
) -> None:
    await ground.put("users/ravi", {"roles": ["admin"], "push_tokens": None})
    assert await devices.contact_points("unknown") == await devices.contact_points("ravi") == ContactPoints()


async def test_a_dead_token_is_removed_with_its_device(ground: Ground, devices: FirestoreDevices) -> None:
    await ground.put("users/asha", {"language": "en", "push_tokens": ["one", "two"]})
    for token in ("one", "two"):
        await ground.put(f"users/asha/devices/{device_id(token)}", {"token": token})
    await devices.remove_token("asha", "one")

    assert (await devices.contact_points("asha")).tokens == ("two",)
    assert await ground.ids("users/asha/devices") == [device_id("two")]


async def test_removing_an_unknown_token_changes_nothing(ground: Ground, devices: FirestoreDevices) -> None:
    await ground.put("users/asha", {"push_tokens": ["two"]})
    await devices.remove_token("asha", "one")
    await devices.remove_token("unknown", "one")
    assert await ground.data("users/asha") == {"push_tokens": ["two"]}
    assert await ground.ids("users") == ["asha"]


async def test_a_concurrent_change_of_the_account_wins_over_the_removal(
    ground: Ground, devices: FirestoreDevices
) -> None:
    await ground.put("users/asha", {"push_tokens": ["one"]})
    ground.database.overtake("users/asha", push_tokens=["one", "new"])
    await devices.remove_token("asha", "one")
    assert (await devices.contact_points("asha")).tokens == ("one", "new")


PUSHED = replace(NOTE, pushed_at=NOW)
UNPUSHED = Entry(False)


async def test_a_notification_is_stored_once_and_waits_for_its_push(
    ground: Ground, inbox: FirestoreInbox
) -> None:
    assert await inbox.entries("evt_1") == {}
    await inbox.keep("asha", NOTE)
    await inbox.keep("asha", replace(NOTE, title="Again"))

    assert await inbox.entries("evt_1") == {NOTE.id: UNPUSHED}
    stored = await ground.data(f"users/asha/inbox/{NOTE.id}")
    assert stored is not None
    assert (stored["title"], stored["body"], stored["at"], stored["read"]) == ("Ready", "ठीक", NOW, False)


async def test_the_entries_of_an_event_are_those_of_all_its_recipients(inbox: FirestoreInbox) -> None:
    await inbox.keep("asha", PUSHED)
    await inbox.keep("ravi", replace(NOTE, id="ntf_2"))
    await inbox.keep("ravi", replace(PUSHED, id="ntf_3", event_id="evt_2"))

    assert await inbox.entries("evt_1") == {NOTE.id: Entry(True), "ntf_2": UNPUSHED}


async def test_a_later_push_is_stored_and_nothing_else_changes(ground: Ground, inbox: FirestoreInbox) -> None:
    await inbox.keep("asha", NOTE)
    path = f"users/asha/inbox/{NOTE.id}"
    await ground.put(path, {**(await ground.data(path) or {}), "read": True})
    await inbox.keep("asha", replace(PUSHED, title="Again"))
    await inbox.keep("asha", NOTE)

    assert await inbox.entries("evt_1") == {NOTE.id: Entry(True)}
    stored = await ground.data(path)
    assert stored is not None
    assert (stored["title"], stored["read"]) == ("Ready", True)


async def test_what_a_push_reached_is_known_to_the_next_delivery_until_it_has_reached_all(
    inbox: FirestoreInbox,
) -> None:
    await inbox.keep("asha", replace(NOTE, reached=("phone",)))
    assert await inbox.entries("evt_1") == {NOTE.id: Entry(False, frozenset({"phone"}))}

    await inbox.keep("asha", replace(NOTE, reached=("phone", "tablet")))
    assert await inbox.entries("evt_1") == {NOTE.id: Entry(False, frozenset({"phone", "tablet"}))}

    await inbox.keep("asha", PUSHED)
    assert await inbox.entries("evt_1") == {NOTE.id: Entry(True)}


async def test_an_entry_of_before_there_were_marks_counts_as_pushed(
    ground: Ground, inbox: FirestoreInbox
) -> None:
    await ground.put(f"users/asha/inbox/{NOTE.id}", {"id": NOTE.id, "event_id": "evt_1"})

    assert await inbox.entries("evt_1") == {NOTE.id: Entry(True)}
