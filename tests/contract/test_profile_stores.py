"""One suite for the stores of profiles (profile, devices, inbox): every database alike."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.adapters.firestore.identity import FirestoreSecurity
from shared.adapters.firestore.profiles import FirestoreDeviceStore, FirestoreInbox, FirestoreProfiles
from shared.identity.domain import ALL_SESSIONS, Account, Contact, SecurityState
from shared.kernel.access import AccountStatus
from shared.kernel.actor import Principal
from shared.kernel.decision import Decision
from shared.kernel.device import Platform, device_id
from shared.profiles.devices import Device, DeviceChange, with_device, without_device
from shared.profiles.domain import Profile
from tests.builders import NOW
from tests.contract.stores import Ground

ASHA = Profile("asha", "Asha", "asha@example.com", "+919800000001")
AUTH_TIME = int((NOW - timedelta(hours=1)).timestamp())


def device(token: str) -> Device:
    return Device(device_id(token), token, Platform.ANDROID, NOW)


@pytest.fixture
def profiles(ground: Ground) -> FirestoreProfiles:
    return FirestoreProfiles(ground.documents)


@pytest.fixture
def devices(ground: Ground) -> FirestoreDeviceStore:
    return FirestoreDeviceStore(ground.documents)


async def change(profiles: FirestoreProfiles, **values: Any) -> Profile:
    def decide(profile: Profile | None) -> Decision[Profile, Profile]:
        changed = replace(profile or ASHA, **values)
        return Decision(changed, (), changed)

    return await profiles.change("asha", decide)


async def register(devices: FirestoreDeviceStore, token: str, uid: str = "asha", session: str = "") -> None:
    def decide(profile: Profile | None, _: AccountStatus) -> Decision[DeviceChange, Device]:
        return with_device(profile or replace(ASHA, uid=uid), device(token), session)

    await devices.register(Principal(uid, auth_time=AUTH_TIME), device_id(token), decide)


async def tokens(ground: Ground, uid: str = "asha") -> list[str]:
    return list((await ground.data(f"users/{uid}") or {}).get("push_tokens", ()))


async def silence(ground: Ground, session_id: str) -> None:
    def decide(state: SecurityState) -> Decision[SecurityState, None]:
        return Decision(replace(state, account=Account("asha"), silenced=session_id), (), None)

    await FirestoreSecurity(ground.documents).change("asha", decide)


async def test_a_profile_is_created_by_its_first_change_and_read_back(profiles: FirestoreProfiles) -> None:
    seen: list[Profile | None] = []

    def decide(profile: Profile | None) -> Decision[Profile, Profile]:
        seen.append(profile)
        changed = replace(profile or ASHA, language="hi")
        return Decision(changed, (), changed)

    assert await profiles.change("asha", decide) == replace(ASHA, language="hi")
    await profiles.change("asha", decide)
    assert seen == [None, replace(ASHA, language="hi")]


async def test_a_contact_is_that_of_the_profile_and_empty_without_one(profiles: FirestoreProfiles) -> None:
    assert await profiles.contact_of("asha") == Contact()
    await change(profiles)
    assert await profiles.contact_of("asha") == Contact("Asha", "asha@example.com", "+919800000001")


async def test_a_change_leaves_the_fields_of_other_contexts(
    ground: Ground, profiles: FirestoreProfiles
) -> None:
    await ground.put("users/asha", {"ratings_given": [0, 0, 0, 0, 1]})
    await change(profiles, name="Asha Rao")

    stored = await ground.data("users/asha") or {}
    assert (stored["uid"], stored["name"], stored["ratings_given"]) == ("asha", "Asha Rao", [0, 0, 0, 0, 1])


async def test_a_change_that_was_overtaken_is_decided_again(
    ground: Ground, profiles: FirestoreProfiles
) -> None:
    await change(profiles)
    ground.database.overtake("users/asha", language="hi")

    assert await change(profiles, name="Asha Rao") == replace(ASHA, name="Asha Rao", language="hi")


async def test_a_change_without_an_effect_writes_nothing(ground: Ground, profiles: FirestoreProfiles) -> None:
    await change(profiles)
    ground.database.overtake("users/asha", name="never")

    assert await change(profiles) == ASHA


async def test_a_device_is_registered_and_removed_with_its_token(
    ground: Ground, devices: FirestoreDeviceStore
) -> None:
    await register(devices, "one")
    await register(devices, "two")
    await register(devices, "one")
    assert await tokens(ground) == ["two", "one"]
    assert await ground.ids("users/asha/devices") == sorted(map(device_id, ("one", "two")))

    removed = device_id("two")
    await devices.remove("asha", removed, lambda profile: without_device(profile, removed))
    assert await tokens(ground) == ["one"]
    assert await ground.ids("users/asha/devices") == [device_id("one")]


async def test_a_registration_is_seen_in_the_account_and_decided_on_its_status(
    ground: Ground, devices: FirestoreDeviceStore
) -> None:
    seen: list[AccountStatus] = []

    def decide(profile: Profile | None, status: AccountStatus) -> Decision[DeviceChange, Device]:
        seen.append(status)
        return with_device(profile or ASHA, device("one"))

    person = Principal("asha", auth_time=AUTH_TIME)
    await devices.register(person, device_id("one"), decide)
    ground.database.overtake("auth/asha", disabled=True)
    await devices.register(person, device_id("one"), decide)

    assert seen == [AccountStatus(), AccountStatus(), AccountStatus(disabled=True)]
    account = await ground.data("auth/asha") or {}
    assert account["signed_in_at"] == datetime.fromtimestamp(AUTH_TIME, UTC)


async def test_registrations_at_once_are_all_kept(ground: Ground, devices: FirestoreDeviceStore) -> None:
    await asyncio.gather(*(register(devices, token) for token in ("one", "two", "three")))
    assert sorted(await tokens(ground)) == ["one", "three", "two"]


async def test_a_device_leaves_the_profile_it_was_on(ground: Ground, devices: FirestoreDeviceStore) -> None:
    for token in ("one", "two"):
        await register(devices, token)
    await register(devices, "one", "ravi")
    assert await tokens(ground) == ["two"]
    assert await tokens(ground, "ravi") == ["one"]
    assert await ground.ids("users/asha/devices") == [device_id("two")]
    assert await ground.ids("users/ravi/devices") == [device_id("one")]


async def test_a_device_that_several_users_register_at_once_ends_on_one_profile(
    ground: Ground, devices: FirestoreDeviceStore
) -> None:
    people = ("asha", "ravi", "meera")
    await asyncio.gather(*(register(devices, "one", uid) for uid in people))
    assert sorted([await tokens(ground, uid) for uid in people]) == [[], [], ["one"]]


@pytest.mark.parametrize(
    ("ended", "left"), [("ses_1", ["two"]), (ALL_SESSIONS, []), ("ses_3", ["one", "two"])]
)
async def test_the_end_of_a_session_deletes_its_devices(
    ground: Ground, devices: FirestoreDeviceStore, ended: str, left: list[str]
) -> None:
    await register(devices, "one", session="ses_1")
    await register(devices, "two", session="ses_2")
    await silence(ground, ended)

    assert await tokens(ground) == left
    assert await ground.ids("users/asha/devices") == sorted(map(device_id, left))
    assert await ground.ids("device_tokens") == sorted(map(device_id, left))


async def test_the_end_of_a_session_without_a_profile_deletes_nothing(ground: Ground) -> None:
    await silence(ground, ALL_SESSIONS)

    assert await ground.ids("users") == []


async def test_an_inbox_is_read_newest_first_page_by_page(ground: Ground) -> None:
    inbox = FirestoreInbox(ground.database)
    times = {"ntf_a": NOW, "ntf_b": NOW, "ntf_c": NOW + timedelta(seconds=1), "ntf_d": NOW}
    for id_, at in times.items():
        await ground.put(f"users/asha/inbox/{id_}", entry(id_, at))
    await ground.put("users/ravi/inbox/ntf_e", entry("ntf_e", NOW))

    seen: list[tuple[datetime, str]] = []
    while page := await inbox.newest("asha", 2, seen[-1] if seen else None):
        seen += [(found.at, found.id) for found in page]
    assert [id_ for _, id_ in seen] == ["ntf_c", "ntf_d", "ntf_b", "ntf_a"]
    assert await inbox.newest("unknown", 2, None) == []


def entry(id_: str, at: datetime) -> dict[str, Any]:
    texts = dict.fromkeys(("event_id", "template", "title", "body", "order_id"), "text")
    return {"id": id_, "at": at, "read": False, **texts}
