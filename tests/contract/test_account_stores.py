"""One suite for the stores about people (account, devices, roles, inbox): every database alike."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from shared.accounts.domain import Account
from shared.adapters.firestore.accounts import (
    FirestoreAccounts,
    FirestoreInbox,
    FirestoreRoles,
)
from shared.identity.admin import Audited
from shared.identity.audit import AuditAction, AuditEntry
from shared.kernel.actor import Role
from shared.kernel.device import Platform, device_id
from shared.kernel.errors import Contended
from shared.profiles.devices import Device, DevicesChanged, with_device, without_device
from tests.builders import NOW
from tests.contract.stores import Ground

ASHA = Account("asha", "Asha", "asha@example.com", "+919800000001")


def device(token: str) -> Device:
    return Device(device_id(token), token, Platform.ANDROID, NOW)


@pytest.fixture
def accounts(ground: Ground) -> FirestoreAccounts:
    return FirestoreAccounts(ground.documents)


async def add(accounts: FirestoreAccounts, token: str, uid: str = "asha") -> DevicesChanged:
    def decide(account: Account | None) -> DevicesChanged:
        return with_device(account or replace(ASHA, uid=uid), device(token))

    return await accounts.change_devices(uid, device_id(token), decide)


async def test_someone_who_never_saved_anything_has_no_account(accounts: FirestoreAccounts) -> None:
    assert await accounts.find("asha") is None


async def test_an_account_is_made_by_its_first_change_and_read_back(accounts: FirestoreAccounts) -> None:
    seen: list[Account | None] = []

    def decide(account: Account | None) -> Account:
        seen.append(account)
        return replace(account or ASHA, language="hi")

    assert await accounts.change("asha", decide) == replace(ASHA, language="hi")
    await accounts.change("asha", decide)
    assert seen == [None, replace(ASHA, language="hi")]
    assert await accounts.find("asha") == replace(ASHA, language="hi")


async def test_a_grant_alone_is_an_account_and_outlives_its_changes(
    ground: Ground, accounts: FirestoreAccounts
) -> None:
    await ground.put("users/asha", {"roles": ["admin"]})
    assert await accounts.find("asha") == Account("asha", roles=("admin",))
    await accounts.change("asha", lambda known: replace(known or ASHA, name="Asha"))
    assert await FirestoreRoles(ground.database).roles_of("asha") == {Role.ADMIN}


async def test_a_change_that_was_overtaken_is_decided_again(
    ground: Ground, accounts: FirestoreAccounts
) -> None:
    await accounts.change("asha", lambda _: ASHA)
    ground.database.overtake("users/asha", roles=["admin"])
    seen: list[tuple[str, ...]] = []

    def decide(account: Account | None) -> Account:
        assert account
        seen.append(account.roles)
        return replace(account, name="Asha Rao")

    assert (await accounts.change("asha", decide)).roles == ("admin",)
    assert seen == [(), ("admin",)]


async def test_a_device_comes_and_goes_with_its_token(ground: Ground, accounts: FirestoreAccounts) -> None:
    await add(accounts, "one")
    await add(accounts, "two")
    await add(accounts, "one")
    assert (await accounts.find("asha") or ASHA).push_tokens == ("two", "one")
    assert await ground.ids("users/asha/devices") == sorted(map(device_id, ("one", "two")))

    gone = device_id("two")
    await accounts.change_devices("asha", gone, lambda account: without_device(account, gone))
    assert (await accounts.find("asha") or ASHA).push_tokens == ("one",)
    assert await ground.ids("users/asha/devices") == [device_id("one")]


async def test_devices_that_come_at_once_are_all_kept(accounts: FirestoreAccounts) -> None:
    await asyncio.gather(*(add(accounts, token) for token in ("one", "two", "three")))
    assert sorted((await accounts.find("asha") or ASHA).push_tokens) == ["one", "three", "two"]


async def test_a_device_leaves_the_account_it_was_on(ground: Ground, accounts: FirestoreAccounts) -> None:
    for token in ("one", "two"):
        await add(accounts, token)
    await add(accounts, "one", "ravi")
    assert (await accounts.find("asha") or ASHA).push_tokens == ("two",)
    assert (await accounts.find("ravi") or ASHA).push_tokens == ("one",)
    assert await ground.ids("users/asha/devices") == [device_id("two")]
    assert await ground.ids("users/ravi/devices") == [device_id("one")]


async def test_a_device_that_comes_to_several_people_at_once_ends_on_one_account(
    accounts: FirestoreAccounts,
) -> None:
    people = ("asha", "ravi", "meera")
    await asyncio.gather(*(add(accounts, "one", uid) for uid in people))
    tokens = [(await accounts.find(uid) or ASHA).push_tokens for uid in people]
    assert sorted(tokens) == [(), (), ("one",)]


async def test_a_deed_of_an_operator_is_stored_with_its_record_or_not_at_all(
    ground: Ground, accounts: FirestoreAccounts
) -> None:
    await accounts.change("asha", lambda _: ASHA)
    entry = AuditEntry("aud_1", NOW, "admin-1", AuditAction.ACCOUNT_DISABLED, "asha", "fraud")

    def disable(known: Account | None, _: Account | None) -> Audited:
        return replace(known or ASHA, name="Gone"), entry

    for attempt in (disable, lambda known, _: (known or ASHA, None)):
        assert (await accounts.change_audited("asha", "admin-1", attempt)).name == "Gone"
    with pytest.raises(Contended):
        await accounts.change_audited("ravi", "admin-1", disable)
    assert await ground.ids("audit") == ["aud_1"]
    assert await accounts.find("ravi") is None


async def test_a_deed_is_decided_again_when_its_operator_was_overtaken(
    ground: Ground, accounts: FirestoreAccounts
) -> None:
    await accounts.change("asha", lambda _: ASHA)
    await ground.put("users/admin-1", {"roles": ["admin"], "name": "Adele"})
    ground.database.overtake("users/admin-1", roles=[])
    entry = AuditEntry("aud_1", NOW, "admin-1", AuditAction.SESSIONS_REVOKED, "asha", "lost phone")
    seen: list[tuple[str, ...]] = []

    def decide(known: Account | None, operator: Account | None) -> Audited:
        assert operator
        seen.append(operator.roles)
        return known or ASHA, entry

    await accounts.change_audited("asha", "admin-1", decide)
    assert seen == [("admin",), ()]
    assert await ground.data("users/admin-1") == {"roles": [], "name": "Adele"}


async def test_tokens_that_an_account_loses_take_their_devices_along(
    ground: Ground, accounts: FirestoreAccounts
) -> None:
    for token in ("one", "two"):
        await add(accounts, token)
    await accounts.change("asha", lambda known: replace(known or ASHA, push_tokens=("two",)))

    assert await ground.ids("users/asha/devices") == [device_id("two")]
    assert await ground.ids("device_tokens") == [device_id("two")]
    await add(accounts, "one", "ravi")
    assert (await accounts.find("ravi") or ASHA).push_tokens == ("one",)


async def test_roles_are_what_the_document_grants_at_this_moment(ground: Ground) -> None:
    book = FirestoreRoles(ground.database)
    assert await book.roles_of("asha") == frozenset()
    for granted, roles in (
        (["admin", "king", "system"], {Role.ADMIN}),
        ([], set()),
        ("admin", set()),
        (None, set()),
    ):
        await ground.put("users/asha", {"roles": granted})
        assert await book.roles_of("asha") == roles


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
    assert await inbox.newest("nobody", 2, None) == []


def entry(id_: str, at: datetime) -> dict[str, Any]:
    texts = dict.fromkeys(("event_id", "template", "title", "body", "order_id"), "text")
    return {"id": id_, "at": at, "read": False, **texts}
