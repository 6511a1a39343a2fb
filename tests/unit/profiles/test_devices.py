"""Profiles and devices, over the real store and a database in memory."""

from __future__ import annotations

import asyncio
from dataclasses import fields
from datetime import UTC, datetime, timedelta

import pytest

from shared.adapters.firestore.change import DocumentStore
from shared.adapters.firestore.profiles import FirestoreDeviceStore, FirestoreProfiles
from shared.identity.domain import Account
from shared.kernel.actor import Principal
from shared.kernel.device import Platform, device_id
from shared.profiles.devices import MAX_DEVICES, DeviceNotFound
from shared.profiles.domain import Language, Profile, profile_of
from shared.profiles.preferences import ProfileChanges
from shared.profiles.usecases.edit_profile import EditProfile, edit_profile
from shared.profiles.usecases.refresh_profile import refresh_profile
from shared.profiles.usecases.register_device import RegisterDevice, register_device
from shared.profiles.usecases.remove_device import RemoveDevice, remove_device
from tests.fakes.bus import MemoryBus
from tests.fakes.database import MemoryDatabase

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
ASHA = Principal("asha", "asha@example.com", True, "+919800000001", "Asha")


async def _no_pause(_: int) -> None:
    await asyncio.sleep(0)


@pytest.fixture
def store(database: MemoryDatabase) -> DocumentStore:
    return DocumentStore(database, MemoryBus(), pause=_no_pause)


@pytest.fixture
def profiles(store: DocumentStore) -> FirestoreProfiles:
    return FirestoreProfiles(store)


@pytest.fixture
def devices(store: DocumentStore) -> FirestoreDeviceStore:
    return FirestoreDeviceStore(store)


async def _register(
    devices: FirestoreDeviceStore, token: str, minute: int = 0, who: Principal = ASHA
) -> None:
    command = RegisterDevice(who, token, Platform.ANDROID)
    await register_device(command, devices=devices, now=NOW + timedelta(minutes=minute))


class TestProfile:
    def test_a_new_user_has_the_name_and_the_addresses_of_the_token(self) -> None:
        profile = profile_of(ASHA, None)

        assert (profile.uid, profile.name, profile.email, profile.phone, profile.language) == (
            "asha",
            "Asha",
            "asha@example.com",
            "+919800000001",
            "en",
        )

    async def test_reading_stores_a_profile_once(
        self, profiles: FirestoreProfiles, database: MemoryDatabase
    ) -> None:
        first = await refresh_profile(ASHA, profiles=profiles)
        commits = len(database.commits)

        assert await refresh_profile(ASHA, profiles=profiles) == first
        assert len(database.commits) == commits

    async def test_the_first_edit_creates_the_document_and_the_next_changes_it(
        self, profiles: FirestoreProfiles, database: MemoryDatabase
    ) -> None:
        await edit_profile(EditProfile(ASHA, ProfileChanges("Asha Rao", Language.HINDI)), profiles=profiles)
        await edit_profile(EditProfile(ASHA, ProfileChanges("A. Rao", Language.HINDI)), profiles=profiles)

        stored = database.data("users/asha")
        assert (stored["uid"], stored["name"], stored["language"]) == ("asha", "A. Rao", "hi")

    async def test_the_document_holds_the_profile_alone(
        self, profiles: FirestoreProfiles, database: MemoryDatabase
    ) -> None:
        await edit_profile(EditProfile(ASHA, ProfileChanges("Asha", Language.ENGLISH)), profiles=profiles)

        stored = {field for field in database.data("users/asha") if not field.startswith("_")}
        assert stored == {field.name for field in fields(Profile)}
        assert not stored & {field.name for field in fields(Account)} - {"uid"}

    async def test_an_address_that_changed_in_the_token_changes_in_the_document(
        self, profiles: FirestoreProfiles, database: MemoryDatabase
    ) -> None:
        await edit_profile(EditProfile(ASHA, ProfileChanges("Asha", Language.ENGLISH)), profiles=profiles)
        moved = Principal("asha", "new@example.com", True, "", "Asha")
        await edit_profile(EditProfile(moved, ProfileChanges("Asha", Language.ENGLISH)), profiles=profiles)

        stored = database.data("users/asha")
        assert (stored["email"], stored["phone"]) == ("new@example.com", "")


class TestDevices:
    async def test_a_device_is_stored_under_the_hash_of_its_token(
        self, devices: FirestoreDeviceStore, database: MemoryDatabase
    ) -> None:
        await _register(devices, "token-1")

        [(id_, stored)] = database.collection("users/asha/devices").items()
        assert id_ == device_id("token-1")
        assert len(id_) == 32
        assert (stored["token"], stored["platform"], stored["seen_at"]) == ("token-1", "android", NOW)
        assert database.data("users/asha")["push_tokens"] == ["token-1"]

    async def test_the_same_token_again_is_the_same_device_registered_later(
        self, devices: FirestoreDeviceStore, database: MemoryDatabase
    ) -> None:
        await _register(devices, "token-1")
        await _register(devices, "token-2", 1)
        await _register(devices, "token-1", 2)

        assert database.data("users/asha")["push_tokens"] == ["token-2", "token-1"]
        assert database.data(f"users/asha/devices/{device_id('token-1')}")["seen_at"] == NOW + timedelta(
            minutes=2
        )

    async def test_beyond_ten_devices_the_one_registered_longest_ago_is_removed(
        self, devices: FirestoreDeviceStore, database: MemoryDatabase
    ) -> None:
        for n in range(MAX_DEVICES):
            await _register(devices, f"token-{n}", n)
        await _register(devices, "token-0", 20)
        await _register(devices, "token-new", 21)

        left = {device["token"] for device in database.collection("users/asha/devices").values()}
        assert len(left) == MAX_DEVICES
        assert "token-1" not in left
        assert {"token-0", "token-new"} <= left
        assert set(database.data("users/asha")["push_tokens"]) == left
        assert set(database.data("users/asha")["device_sessions"]) == set(map(device_id, left))

    async def test_a_registration_forgets_the_session_of_a_dead_token(
        self, devices: FirestoreDeviceStore, database: MemoryDatabase
    ) -> None:
        await _register(devices, "dead")
        database.seed("users/asha", database.data("users/asha") | {"push_tokens": []})
        await _register(devices, "alive")

        assert set(database.data("users/asha")["device_sessions"]) == {device_id("alive")}

    async def test_fifteen_devices_at_once_leave_ten_in_both_places(
        self, devices: FirestoreDeviceStore, database: MemoryDatabase
    ) -> None:
        tokens = [f"token-{n}" for n in range(15)]
        for batch in (tokens[:5], tokens[5:10], tokens[10:]):
            await asyncio.gather(*(_register(devices, token) for token in batch))

        stored = {device["token"] for device in database.collection("users/asha/devices").values()}
        assert len(stored) == MAX_DEVICES
        assert set(database.data("users/asha")["push_tokens"]) == stored

    async def test_a_removed_device_is_gone_and_cannot_be_removed_twice(
        self, devices: FirestoreDeviceStore, database: MemoryDatabase
    ) -> None:
        await _register(devices, "token-1")
        await _register(devices, "token-2")
        await remove_device(RemoveDevice("asha", device_id("token-1")), devices=devices)

        assert database.data("users/asha")["push_tokens"] == ["token-2"]
        assert list(database.collection("users/asha/devices")) == [device_id("token-2")]
        with pytest.raises(DeviceNotFound):
            await remove_device(RemoveDevice("asha", device_id("token-1")), devices=devices)

    async def test_another_user_s_device_is_not_found(
        self, devices: FirestoreDeviceStore, database: MemoryDatabase
    ) -> None:
        await _register(devices, "token-1")
        with pytest.raises(DeviceNotFound):
            await remove_device(RemoveDevice("mallory", device_id("token-1")), devices=devices)

        assert database.data("users/asha")["push_tokens"] == ["token-1"]
