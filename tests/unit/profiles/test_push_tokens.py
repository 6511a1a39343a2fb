"""A push token is on one profile at most: a phone gets the pushes of the user who signed in on it last."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from shared.adapters.firestore.change import DocumentStore
from shared.adapters.firestore.notifications import FirestoreDevices
from shared.adapters.firestore.profiles import FirestoreDeviceStore
from shared.kernel.actor import Principal
from shared.kernel.device import Platform, device_id
from shared.profiles.devices import MAX_DEVICES
from shared.profiles.usecases.register_device import RegisterDevice, register_device
from shared.profiles.usecases.remove_device import RemoveDevice, remove_device
from tests.fakes.bus import MemoryBus
from tests.fakes.copies import copied
from tests.fakes.database import MemoryDatabase

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
PHONE = device_id("phone")


async def _no_pause(_: int) -> None:
    await asyncio.sleep(0)


@pytest.fixture
def devices(database: MemoryDatabase) -> FirestoreDeviceStore:
    return FirestoreDeviceStore(DocumentStore(database, MemoryBus(), pause=_no_pause))


async def _register(devices: FirestoreDeviceStore, uid: str, device: str = "phone") -> None:
    command = RegisterDevice(Principal(uid), device, Platform.ANDROID)
    await register_device(command, devices=devices, now=NOW)


def _holders(database: MemoryDatabase, device: str = "phone") -> list[str]:
    """Return the users whose profiles list a token; assert that the devices and the holder agree."""
    uids = [uid for uid, user in database.collection("users").items() if device in user["push_tokens"]]
    for uid in database.collection("users"):
        assert (device_id(device) in database.collection(f"users/{uid}/devices")) == (uid in uids)
    owner = database.collection("device_tokens").get(device_id(device))
    assert ([owner["uid"]] if owner else []) == uids
    return uids


async def test_a_user_who_signs_in_on_a_phone_takes_it_over(
    devices: FirestoreDeviceStore, database: MemoryDatabase
) -> None:
    await _register(devices, "asha")
    await _register(devices, "asha", "tablet")
    await _register(devices, "ravi")

    assert _holders(database) == ["ravi"]
    assert _holders(database, "tablet") == ["asha"]
    assert (await FirestoreDevices(database, copied(database)).contact_points("asha")).tokens == ("tablet",)


async def test_a_phone_can_move_back_and_forth(
    devices: FirestoreDeviceStore, database: MemoryDatabase
) -> None:
    for uid in ("asha", "ravi", "asha", "asha", "ravi", "asha"):
        await _register(devices, uid)
        assert _holders(database) == [uid]


async def test_the_move_is_one_commit(devices: FirestoreDeviceStore, database: MemoryDatabase) -> None:
    await _register(devices, "asha")
    before = len(database.commits)
    await _register(devices, "ravi")

    [commit] = database.commits[before:]
    assert {write.path for write in commit} == {
        "users/asha",
        "users/ravi",
        f"users/asha/devices/{PHONE}",
        f"users/ravi/devices/{PHONE}",
        f"device_tokens/{PHONE}",
        "auth/ravi",
    }


async def test_of_ten_registrations_of_a_phone_at_once_one_holds(
    devices: FirestoreDeviceStore, database: MemoryDatabase
) -> None:
    people = [f"person-{n}" for n in range(5)]
    outcomes = await asyncio.gather(*(_register(devices, uid) for uid in people * 2), return_exceptions=True)

    assert None in outcomes
    assert len(_holders(database)) == 1


async def test_a_device_that_is_removed_or_beyond_ten_has_no_holder(
    devices: FirestoreDeviceStore, database: MemoryDatabase
) -> None:
    await _register(devices, "asha")
    for n in range(MAX_DEVICES):
        await _register(devices, "asha", f"other-{n}")
    assert _holders(database) == []

    await remove_device(RemoveDevice("asha", device_id("other-1")), devices=devices)
    assert _holders(database, "other-1") == []
    await _register(devices, "ravi")
    assert _holders(database) == ["ravi"]


async def test_a_dead_token_has_no_holder(devices: FirestoreDeviceStore, database: MemoryDatabase) -> None:
    await _register(devices, "asha")
    await FirestoreDevices(database, copied(database)).remove_token("asha", "phone")

    assert _holders(database) == []


async def test_a_token_found_dead_after_it_moved_stays_with_its_new_user(
    devices: FirestoreDeviceStore, database: MemoryDatabase
) -> None:
    await _register(devices, "asha")
    await _register(devices, "ravi")
    await FirestoreDevices(database, copied(database)).remove_token("asha", "phone")

    assert _holders(database) == ["ravi"]


async def test_a_token_without_a_holder_document_stays_with_its_user(
    devices: FirestoreDeviceStore, database: MemoryDatabase
) -> None:
    database.seed("users/asha", {"push_tokens": ["phone"]})
    await _register(devices, "asha")

    assert _holders(database) == ["asha"]
