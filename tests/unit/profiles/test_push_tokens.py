"""A push token stands on one account at most: a phone rings for whoever signed in on it last."""

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
    """Return on whose accounts a token stands, and see that the devices and the holder agree."""
    uids = [uid for uid, user in database.collection("users").items() if device in user["push_tokens"]]
    for uid in database.collection("users"):
        assert (device_id(device) in database.collection(f"users/{uid}/devices")) == (uid in uids)
    owner = database.collection("device_tokens").get(device_id(device))
    assert ([owner["uid"]] if owner else []) == uids
    return uids


async def test_whoever_signs_in_on_a_phone_takes_it_over(
    devices: FirestoreDeviceStore, database: MemoryDatabase
) -> None:
    await _register(devices, "asha")
    await _register(devices, "asha", "tablet")
    await _register(devices, "ravi")

    assert _holders(database) == ["ravi"]
    assert _holders(database, "tablet") == ["asha"]
    assert (await FirestoreDevices(database).contact_points("asha")).tokens == ("tablet",)


async def test_a_phone_goes_to_and_fro(devices: FirestoreDeviceStore, database: MemoryDatabase) -> None:
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


async def test_of_ten_who_take_a_phone_at_once_one_has_it(
    devices: FirestoreDeviceStore, database: MemoryDatabase
) -> None:
    people = [f"person-{n}" for n in range(5)]
    outcomes = await asyncio.gather(*(_register(devices, uid) for uid in people * 2), return_exceptions=True)

    assert None in outcomes
    assert len(_holders(database)) == 1


async def test_a_device_that_is_removed_or_beyond_ten_belongs_to_nobody(
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


async def test_a_dead_token_belongs_to_nobody(
    devices: FirestoreDeviceStore, database: MemoryDatabase
) -> None:
    await _register(devices, "asha")
    await FirestoreDevices(database).remove_token("asha", "phone")

    assert _holders(database) == []


async def test_a_token_found_dead_after_it_moved_stays_with_its_new_person(
    devices: FirestoreDeviceStore, database: MemoryDatabase
) -> None:
    await _register(devices, "asha")
    await _register(devices, "ravi")
    await FirestoreDevices(database).remove_token("asha", "phone")

    assert _holders(database) == ["ravi"]


async def test_a_token_from_before_there_were_holders_is_still_its_person_s(
    devices: FirestoreDeviceStore, database: MemoryDatabase
) -> None:
    database.seed("users/asha", {"push_tokens": ["phone"]})
    await _register(devices, "asha")

    assert _holders(database) == ["asha"]
