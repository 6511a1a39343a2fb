"""Customers whom a merchant keeps away, as its staff sees them."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any

import pytest

from shared.catalogue.blocks import MAX_BLOCKED
from tests.fakes.accounts import Caller
from tests.fakes.database import MemoryDatabase
from tests.unit.catalogue.conftest import SetClock
from tests.unit.catalogue.shops import NOW, put, shop

pytestmark = pytest.mark.mission("A7")

BLOCKS = "/api/v1/merchants/mer_1/blocks"
BLOCK = {"order_id": "ord_1", "reason": "Rude at the counter"}


def order(id_: str, customer: str, merchant: str = "mer_1") -> dict[str, Any]:
    return {"id": id_, "customer_id": customer, "merchant_id": merchant, "fulfilment": "preparing"}


@pytest.fixture(autouse=True)
def orders(database: MemoryDatabase) -> None:
    put(database, shop(), shop("mer_2", owner_id="ravi"))
    for made in (order("ord_1", "asha"), order("ord_2", "dev"), order("ord_3", "asha", "mer_2")):
        database.seed(f"orders/{made['id']}", made)


def counted(database: MemoryDatabase) -> int:
    return int(database.data("merchants/mer_1").get("blocked", 0))


async def test_the_staff_blocks_the_customer_of_an_order_which_goes_on(
    call: Caller, database: MemoryDatabase
) -> None:
    answer = await call("POST", BLOCKS, BLOCK)

    assert answer.status_code == 201
    assert answer.json() | {"at": ""} == {"uid": "asha", "by": "staff", "at": "", **BLOCK}
    assert database.data("orders/ord_1") == order("ord_1", "asha")
    assert counted(database) == 1
    assert len(database.commits) == 2, "the block with its event, and the event leaves the outbox"


async def test_blocking_twice_or_ten_times_at_once_is_blocking_once(
    call: Caller, database: MemoryDatabase
) -> None:
    answers = await asyncio.gather(*(call("POST", BLOCKS, BLOCK) for _ in range(10)))
    again = await call("POST", BLOCKS, {**BLOCK, "reason": "Other"})

    assert {answer.status_code for answer in answers} == {201}
    assert again.json()["reason"] == BLOCK["reason"]
    assert (counted(database), list(database.collection("merchants/mer_1/blocks"))) == (1, ["asha"])


async def test_a_block_is_taken_back(call: Caller, database: MemoryDatabase) -> None:
    await call("POST", BLOCKS, BLOCK)

    assert (await call("DELETE", f"{BLOCKS}/asha")).status_code == 204
    assert (counted(database), database.collection("merchants/mer_1/blocks")) == (0, {})
    again = await call("DELETE", f"{BLOCKS}/asha")
    assert (again.status_code, again.json()["code"]) == (404, "BLOCK_NOT_FOUND")
    assert counted(database) == 0


async def test_who_does_not_work_there_finds_no_merchant(call: Caller, database: MemoryDatabase) -> None:
    await call("POST", BLOCKS, BLOCK)
    for uid in ("ravi", "asha", "mallory"):
        for method, path, body in (
            ("POST", BLOCKS, {**BLOCK, "order_id": "ord_2"}),
            ("GET", BLOCKS, None),
            ("DELETE", f"{BLOCKS}/asha", None),
        ):
            answer = await Caller(call.app, uid)(method, path, body)
            assert (answer.status_code, answer.json()["code"]) == (404, "MERCHANT_NOT_FOUND")
    assert counted(database) == 1


@pytest.mark.parametrize("order_id", ["ord_3", "ord_9"])
async def test_only_the_customer_of_an_order_of_this_merchant_can_be_blocked(
    call: Caller, database: MemoryDatabase, order_id: str
) -> None:
    answer = await call("POST", BLOCKS, {**BLOCK, "order_id": order_id})

    assert (answer.status_code, answer.json()["code"]) == (404, "ORDER_NOT_FOUND")
    assert counted(database) == 0


async def test_blocks_are_listed_newest_first_page_by_page(call: Caller, clock: SetClock) -> None:
    for minute, order_id in enumerate(("ord_1", "ord_2")):
        clock.at = _after(minute)
        await call("POST", BLOCKS, {**BLOCK, "order_id": order_id})

    first = (await call("GET", f"{BLOCKS}?page_size=1")).json()
    last = (await call("GET", f"{BLOCKS}?page_size=1&page_token={first['next_page_token']}")).json()
    assert [page["blocks"][0]["uid"] for page in (first, last)] == ["dev", "asha"]
    assert last["next_page_token"] == ""


def _after(minutes: int) -> datetime:
    return NOW.replace(minute=minutes)


async def test_at_five_hundred_support_has_to_help(call: Caller, database: MemoryDatabase) -> None:
    put(database, shop(blocked=MAX_BLOCKED))

    answer = await call("POST", BLOCKS, BLOCK)

    assert (answer.status_code, answer.json()["code"]) == (409, "TOO_MANY_BLOCKS")
    assert (counted(database), database.collection("merchants/mer_1/blocks")) == (MAX_BLOCKED, {})


async def test_how_many_are_blocked_is_not_told_to_those_who_browse(call: Caller) -> None:
    await call("POST", BLOCKS, BLOCK)

    assert "blocked" not in (await Caller(call.app, "asha")("GET", "/api/v1/merchants/mer_1")).json()


@pytest.mark.parametrize(
    "change",
    [{"order_id": value} for value in ("", "a/b", "..", 7, None, "x" * 200)]
    + [{"reason": value} for value in ("", "x" * 201, "\u202e", None, 7)]
    + [{"uid": "asha"}, {"by": "owner"}],
    ids=str,
)
async def test_what_is_no_block_is_422(call: Caller, change: dict[str, Any]) -> None:
    assert (await call("POST", BLOCKS, {**BLOCK, **change})).status_code == 422
