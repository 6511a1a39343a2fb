"""Limits before costs: how many shops a person registers, and how many versions of a menu are kept."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest

from shared.adapters.firestore.database import Write
from tests.fakes.accounts import Caller
from tests.fakes.database import MemoryDatabase
from tests.fakes.runtime import NOW
from tests.unit.catalogue.shops import put, shop

pytestmark = pytest.mark.mission("B1", "B2")

MERCHANTS = "/api/v1/merchants"
OWN = f"{MERCHANTS}/mer_1"
PROFILE = {
    "name": "Dosa Corner",
    "category": "South Indian",
    "location": {"lat": 12.97, "lng": 77.59},
    "address": "100 Feet Road",
    "prep_minutes": 15,
}
ITEMS = [{"id": "dosa", "name": "Dosa", "price": 100}]


async def _publish(call: Caller, times: int = 1) -> None:
    for _ in range(times):
        assert (await call("PUT", f"{OWN}/menu", {"items": ITEMS})).status_code == 200


async def _toggle(call: Caller, times: int) -> None:
    for n in range(times):
        path = f"{OWN}/menu/items/dosa/availability"
        assert (await call("POST", path, {"available": n % 2 == 1})).status_code == 200


def _versions(database: MemoryDatabase) -> list[int]:
    return sorted(int(version) for version in database.collection("merchants/mer_1/menu"))


def _pin(database: MemoryDatabase, what: str, version: int, **said: Any) -> None:
    database.seed(f"{what}/{what}_{version}", {"merchant_id": "mer_1", "menu_version": version, **said})


async def test_fault_14_a_person_registers_at_most_twenty_shops_at_once_too(
    call: Caller, database: MemoryDatabase
) -> None:
    for n in range(18):
        assert (await call("POST", MERCHANTS, PROFILE, key=f"k{n}")).status_code == 201
    again = await call("POST", MERCHANTS, PROFILE, key="k0")
    more = await asyncio.gather(*(call("POST", MERCHANTS, PROFILE, key=f"more{n}") for n in range(5)))

    assert again.headers["Idempotent-Replayed"] == "true"
    assert sorted(answer.status_code for answer in more) == [201, 201, 409, 409, 409]
    assert {answer.json()["code"] for answer in more if answer.is_error} == {"TOO_MANY_SHOPS"}
    assert len(database.collection("merchants")) == 20
    assert (await call.be("mallory")("POST", MERCHANTS, PROFILE, key="k")).status_code == 201


async def test_fault_14_a_shop_that_was_never_approved_keeps_one_version_of_its_menu(
    call: Caller, database: MemoryDatabase
) -> None:
    put(database, shop(approved=False, application_outcome=None, menu_version=0))
    await _publish(call)
    await _toggle(call, 40)

    assert _versions(database) == [41]
    assert (await call("GET", f"{OWN}/menu")).json()["version"] == 41


async def test_fault_14_an_approved_shop_keeps_the_newest_five_versions(
    call: Caller, database: MemoryDatabase
) -> None:
    put(database, shop(menu_version=0))
    await _publish(call, 4)
    await _toggle(call, 4)

    assert _versions(database) == [4, 5, 6, 7, 8]
    assert (await call("GET", f"{OWN}/menu/versions/4")).status_code == 200
    gone = await call("GET", f"{OWN}/menu/versions/3")
    assert (gone.status_code, gone.json()["code"]) == (404, "MENU_VERSION_NOT_FOUND")


async def test_fault_14_versions_that_a_quote_or_an_order_pins_are_kept(
    call: Caller, database: MemoryDatabase
) -> None:
    put(database, shop(menu_version=0))
    _pin(database, "orders", 2)
    _pin(database, "quotes", 4, expires_at=NOW + timedelta(minutes=15))
    _pin(database, "quotes", 3, expires_at=NOW - timedelta(minutes=6))
    await _publish(call, 12)

    assert _versions(database) == [2, 4, 5, 6, 7, 8, 9, 10, 11, 12], "nothing is pruned past a live quote"
    _pin(database, "quotes", 4, expires_at=NOW - timedelta(minutes=6))
    await _publish(call, 2)
    assert _versions(database) == [2, 10, 11, 12, 13, 14]


async def test_fault_14_the_versions_of_before_are_caught_up_with_a_few_at_a_time(
    call: Caller, database: MemoryDatabase
) -> None:
    put(database, shop(menu_version=40))
    for version in range(1, 41):
        database.seed(f"merchants/mer_1/menu/{version}", {"version": version, "items": ITEMS})
    counts = []
    for _ in range(10):
        await _publish(call)
        counts.append(len(_versions(database)))

    assert counts == [36, 32, 28, 24, 20, 16, 12, 8, 5, 5]


@pytest.mark.parametrize(
    ("change", "newest"),
    [(_publish, 1), (_publish, 6), (lambda call: _toggle(call, 1), 1)],
    ids=["published", "published late", "switched"],
)
async def test_no_version_goes_by_what_the_merchant_was_before_its_approval(
    call: Caller,
    database: MemoryDatabase,
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[Caller], Awaitable[None]],
    newest: int,
) -> None:
    """The process of the change is slow: meanwhile the merchant is approved and takes an order."""
    put(database, shop(approved=False, application_outcome=None, menu_version=0))
    await _publish(call)
    commit = database.commit

    async def overtaken(writes: Sequence[Write]) -> None:
        monkeypatch.setattr(database, "commit", commit)
        put(database, shop(menu_version=newest))
        _pin(database, "orders", 1)
        await commit(writes)

    monkeypatch.setattr(database, "commit", overtaken)
    await change(call)

    assert _versions(database) == [1, newest + 1]
