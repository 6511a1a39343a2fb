"""Profiles and devices, over the real store and a database in memory."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from shared.accounts.domain import Language
from shared.adapters.firestore.accounts import FirestoreAccounts, FirestoreRoles
from shared.adapters.firestore.change import DocumentStore
from shared.kernel.actor import Principal, Role
from shared.kernel.device import Platform, device_id
from shared.profiles import queries
from shared.profiles.devices import MAX_DEVICES, DeviceNotFound
from shared.profiles.preferences import ProfileChanges
from shared.profiles.usecases.edit_profile import EditProfile, edit_profile
from shared.profiles.usecases.register_device import RegisterDevice, register_device
from shared.profiles.usecases.remove_device import RemoveDevice, remove_device
from tests.fakes.bus import MemoryBus
from tests.fakes.database import MemoryDatabase

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
ASHA = Principal("asha", "asha@example.com", True, "+919800000001", "Asha")


async def _no_pause(_: int) -> None:
    await asyncio.sleep(0)


@pytest.fixture
def accounts(database: MemoryDatabase) -> FirestoreAccounts:
    return FirestoreAccounts(DocumentStore(database, MemoryBus(), pause=_no_pause))


async def _register(accounts: FirestoreAccounts, token: str, minute: int = 0, who: Principal = ASHA) -> None:
    command = RegisterDevice(who, token, Platform.ANDROID)
    await register_device(command, accounts=accounts, now=NOW + timedelta(minutes=minute))


class TestProfile:
    async def test_a_person_without_a_document_is_who_the_token_says(
        self, accounts: FirestoreAccounts, database: MemoryDatabase
    ) -> None:
        me = await queries.me(ASHA, accounts=accounts)

        assert (me.uid, me.name, me.email, me.phone, me.language) == (
            "asha",
            "Asha",
            "asha@example.com",
            "+919800000001",
            "en",
        )
        assert database.docs == {}

    async def test_the_first_edit_makes_the_document_and_the_next_changes_it(
        self, accounts: FirestoreAccounts, database: MemoryDatabase
    ) -> None:
        await edit_profile(EditProfile(ASHA, ProfileChanges("Asha Rao", Language.HINDI)), accounts=accounts)
        await edit_profile(EditProfile(ASHA, ProfileChanges("A. Rao", Language.HINDI)), accounts=accounts)

        stored = database.data("users/asha")
        assert (stored["uid"], stored["name"], stored["language"], stored["roles"]) == (
            "asha",
            "A. Rao",
            "hi",
            [],
        )

    async def test_an_edit_keeps_the_roles_that_an_operator_granted(
        self, accounts: FirestoreAccounts, database: MemoryDatabase
    ) -> None:
        database.seed("users/asha", {"roles": ["admin"]})

        me = await edit_profile(
            EditProfile(ASHA, ProfileChanges("Asha", Language.ENGLISH)), accounts=accounts
        )

        assert me.roles == ("admin",)
        assert database.data("users/asha")["roles"] == ["admin"]
        assert database.data("users/asha")["uid"] == "asha"

    async def test_an_address_that_changed_in_the_token_changes_in_the_document(
        self, accounts: FirestoreAccounts, database: MemoryDatabase
    ) -> None:
        await edit_profile(EditProfile(ASHA, ProfileChanges("Asha", Language.ENGLISH)), accounts=accounts)
        moved = Principal("asha", "new@example.com", True, "", "Asha")
        await edit_profile(EditProfile(moved, ProfileChanges("Asha", Language.ENGLISH)), accounts=accounts)

        stored = database.data("users/asha")
        assert (stored["email"], stored["phone"]) == ("new@example.com", "")


class TestRoles:
    @pytest.mark.parametrize(
        ("document", "roles"),
        [
            (None, set()),
            ({}, set()),
            ({"roles": ["admin", "support"]}, {Role.ADMIN, Role.SUPPORT}),
            ({"roles": ["admiral", "admin"]}, {Role.ADMIN}),
            ({"roles": ["system"]}, set()),
            ({"roles": "administrator"}, set()),
            ({"roles": [["admin"], 7, None]}, set()),
        ],
    )
    async def test_only_known_roles_in_a_list_grant_anything(
        self, database: MemoryDatabase, document: dict[str, object] | None, roles: set[Role]
    ) -> None:
        if document is not None:
            database.seed("users/asha", document)

        assert await FirestoreRoles(database).roles_of("asha") == roles

    async def test_a_role_that_was_taken_back_is_gone_at_once(self, database: MemoryDatabase) -> None:
        book = FirestoreRoles(database)
        database.seed("users/asha", {"roles": ["admin"]})
        assert await book.roles_of("asha") == {Role.ADMIN}

        database.seed("users/asha", {"roles": []})
        assert await book.roles_of("asha") == frozenset()


class TestDevices:
    async def test_a_device_is_stored_under_the_hash_of_its_token(
        self, accounts: FirestoreAccounts, database: MemoryDatabase
    ) -> None:
        await _register(accounts, "token-1")

        [(id_, stored)] = database.collection("users/asha/devices").items()
        assert id_ == device_id("token-1")
        assert len(id_) == 32
        assert (stored["token"], stored["platform"], stored["seen_at"]) == ("token-1", "android", NOW)
        assert database.data("users/asha")["push_tokens"] == ["token-1"]

    async def test_the_same_token_again_is_the_same_device_seen_later(
        self, accounts: FirestoreAccounts, database: MemoryDatabase
    ) -> None:
        await _register(accounts, "token-1")
        await _register(accounts, "token-2", 1)
        await _register(accounts, "token-1", 2)

        assert database.data("users/asha")["push_tokens"] == ["token-2", "token-1"]
        assert database.data(f"users/asha/devices/{device_id('token-1')}")["seen_at"] == NOW + timedelta(
            minutes=2
        )

    async def test_beyond_ten_devices_the_one_seen_longest_ago_goes(
        self, accounts: FirestoreAccounts, database: MemoryDatabase
    ) -> None:
        for n in range(MAX_DEVICES):
            await _register(accounts, f"token-{n}", n)
        await _register(accounts, "token-0", 20)
        await _register(accounts, "token-new", 21)

        left = {device["token"] for device in database.collection("users/asha/devices").values()}
        assert len(left) == MAX_DEVICES
        assert "token-1" not in left
        assert {"token-0", "token-new"} <= left
        assert set(database.data("users/asha")["push_tokens"]) == left
        assert set(database.data("users/asha")["device_sessions"]) == set(map(device_id, left))

    async def test_of_a_token_that_died_nothing_is_kept_when_the_next_comes(
        self, accounts: FirestoreAccounts, database: MemoryDatabase
    ) -> None:
        await _register(accounts, "dead")
        database.seed("users/asha", database.data("users/asha") | {"push_tokens": []})
        await _register(accounts, "alive")

        assert set(database.data("users/asha")["device_sessions"]) == {device_id("alive")}

    async def test_fifteen_devices_at_once_leave_ten_in_both_places(
        self, accounts: FirestoreAccounts, database: MemoryDatabase
    ) -> None:
        tokens = [f"token-{n}" for n in range(15)]
        for batch in (tokens[:5], tokens[5:10], tokens[10:]):
            await asyncio.gather(*(_register(accounts, token) for token in batch))

        devices = {device["token"] for device in database.collection("users/asha/devices").values()}
        assert len(devices) == MAX_DEVICES
        assert set(database.data("users/asha")["push_tokens"]) == devices

    async def test_a_removed_device_is_gone_and_cannot_be_removed_twice(
        self, accounts: FirestoreAccounts, database: MemoryDatabase
    ) -> None:
        await _register(accounts, "token-1")
        await _register(accounts, "token-2")
        await remove_device(RemoveDevice("asha", device_id("token-1")), accounts=accounts)

        assert database.data("users/asha")["push_tokens"] == ["token-2"]
        assert list(database.collection("users/asha/devices")) == [device_id("token-2")]
        with pytest.raises(DeviceNotFound):
            await remove_device(RemoveDevice("asha", device_id("token-1")), accounts=accounts)

    async def test_another_person_s_device_is_not_found(
        self, accounts: FirestoreAccounts, database: MemoryDatabase
    ) -> None:
        await _register(accounts, "token-1")
        with pytest.raises(DeviceNotFound):
            await remove_device(RemoveDevice("mallory", device_id("token-1")), accounts=accounts)

        assert database.data("users/asha")["push_tokens"] == ["token-1"]
