"""Blocks, as the two people and the matching see them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from shared.adapters.firestore.change import DocumentStore
from shared.adapters.firestore.codec import to_document
from shared.adapters.firestore.database import CommitUnknown, Write
from shared.adapters.firestore.dispatch import FirestoreDispatch
from shared.reviews.blocks import MAX_NOT_MATCHED
from tests.builders import membership
from tests.fakes.accounts import Caller
from tests.fakes.bus import MemoryBus
from tests.fakes.clock import FakeClock
from tests.fakes.database import MemoryDatabase

pytestmark = [pytest.mark.mission("A7")]

BLOCKS = "/api/v1/me/blocks"
BLOCK = {"uid": "dev", "reason": "Rude at the door"}
ORDER = {
    "id": "ord_1",
    "customer_id": "asha",
    "merchant_id": "mer_1",
    "fulfilment": "in_transit",
    "assignment": {"state": "assigned", "driver_id": "dev"},
}


@pytest.fixture(autouse=True)
def _met(database: MemoryDatabase, clock: FakeClock) -> None:
    database.seed("orders/ord_1", ORDER)
    database.seed("merchants/mer_1/staff/ravi", to_document(membership("ravi")))


def apart(database: MemoryDatabase, uid: str) -> list[str]:
    return list(database.collection("review_records").get(uid, {}).get("not_matched", []))


async def test_a_block_holds_in_both_directions_and_does_not_change_a_running_order(
    call: Caller, database: MemoryDatabase
) -> None:
    answer = await call("POST", BLOCKS, BLOCK)

    assert (answer.status_code, answer.json()["uid"]) == (201, "dev")
    assert (apart(database, "asha"), apart(database, "dev")) == (["dev"], ["asha"])
    assert database.data("orders/ord_1") == ORDER
    assert len(database.commits) == 1


async def test_fault_06_no_document_that_a_person_reads_says_who_blocked_them(
    call: Caller, database: MemoryDatabase
) -> None:
    for uid in ("asha", "dev"):
        database.seed(f"users/{uid}", {"uid": uid, "name": uid.title()})
    await call("POST", BLOCKS, BLOCK)

    readable = {path: doc for path, (doc, _) in database.docs.items() if path.startswith("users/dev")}
    assert list(readable) == ["users/dev"]
    assert "asha" not in str(readable)


@pytest.mark.parametrize(("me", "other"), [("asha", "dev"), ("dev", "asha")])
async def test_the_matcher_excludes_the_driver_whichever_of_the_two_blocked(
    call: Caller, database: MemoryDatabase, me: str, other: str
) -> None:
    await call.be(me)("POST", BLOCKS, {**BLOCK, "uid": other})

    store = FirestoreDispatch(DocumentStore(database, MemoryBus()))
    assert await store.not_matched("asha") == {"dev"}


@pytest.mark.parametrize(
    ("me", "other", "met"),
    [
        ("asha", "dev", True),
        ("dev", "asha", True),
        ("asha", "ravi", True),
        ("ravi", "asha", True),
        ("dev", "ravi", True),
        ("ravi", "dev", True),
        ("asha", "asha", False),
        ("asha", "mallory", False),
        ("mallory", "asha", False),
        ("asha", "ord_1", False),
    ],
)
async def test_only_a_party_to_a_common_order_can_be_blocked(
    call: Caller, database: MemoryDatabase, me: str, other: str, met: bool
) -> None:
    answer = await call.be(me)("POST", BLOCKS, {**BLOCK, "uid": other})

    assert answer.status_code == (201 if met else 404)
    if not met:
        assert answer.json()["code"] == "PERSON_NOT_FOUND"
        assert database.collection("review_records") == {}


async def test_repeated_and_simultaneous_blocks_are_one_block(call: Caller, database: MemoryDatabase) -> None:
    answers = await asyncio.gather(*(call("POST", BLOCKS, BLOCK) for _ in range(10)))

    assert {answer.status_code for answer in answers} == {201}
    assert (apart(database, "asha"), apart(database, "dev")) == (["dev"], ["asha"])


async def test_a_block_can_be_removed(call: Caller, database: MemoryDatabase) -> None:
    await call("POST", BLOCKS, BLOCK)

    assert (await call("DELETE", f"{BLOCKS}/dev")).status_code == 204
    assert (apart(database, "asha"), apart(database, "dev")) == ([], [])
    again = await call("DELETE", f"{BLOCKS}/dev")
    assert (again.status_code, again.json()["code"]) == (404, "BLOCK_NOT_FOUND")
    assert (await call("DELETE", f"{BLOCKS}/asha")).status_code == 404


async def test_two_people_who_blocked_each_other_are_matched_again_after_both_blocks_are_removed(
    call: Caller, database: MemoryDatabase
) -> None:
    dev = call.be("dev")
    await asyncio.gather(call("POST", BLOCKS, BLOCK), dev("POST", BLOCKS, {**BLOCK, "uid": "asha"}))
    await call("DELETE", f"{BLOCKS}/dev")
    assert (apart(database, "asha"), apart(database, "dev")) == (["dev"], ["asha"])

    await dev("DELETE", f"{BLOCKS}/asha")
    assert (apart(database, "asha"), apart(database, "dev")) == ([], [])


async def test_a_simultaneous_block_and_removal_leave_both_people_consistent(
    call: Caller, database: MemoryDatabase
) -> None:
    await call("POST", BLOCKS, BLOCK)
    await asyncio.gather(call("DELETE", f"{BLOCKS}/dev"), call("POST", BLOCKS, BLOCK))

    blocked = "dev" in database.collection("users/asha/blocks")
    assert (apart(database, "asha"), apart(database, "dev")) == ((["dev"], ["asha"]) if blocked else ([], []))


async def test_a_blocked_person_does_not_see_the_block(call: Caller) -> None:
    await call("POST", BLOCKS, BLOCK)

    assert [block["uid"] for block in (await call("GET", BLOCKS)).json()["blocks"]] == ["dev"]
    assert (await call.be("dev")("GET", BLOCKS)).json()["blocks"] == []


async def test_blocks_are_listed_newest_first_page_by_page(call: Caller, clock: FakeClock) -> None:
    for uid in ("dev", "ravi"):
        await call("POST", BLOCKS, {**BLOCK, "uid": uid})
        clock.wait(1)

    first = (await call("GET", f"{BLOCKS}?page_size=1")).json()
    last = (await call("GET", f"{BLOCKS}?page_size=1&page_token={first['next_page_token']}")).json()
    assert [page["blocks"][0]["uid"] for page in (first, last)] == ["ravi", "dev"]
    assert last["next_page_token"] == ""


@pytest.mark.parametrize("full", ["asha", "dev"])
async def test_more_than_five_hundred_blocks_are_refused(
    call: Caller, database: MemoryDatabase, full: str
) -> None:
    crowd = [f"person-{number}" for number in range(MAX_NOT_MATCHED)]
    database.seed(f"review_records/{full}", {"uid": full, "not_matched": crowd})

    answer = await call("POST", BLOCKS, BLOCK)

    assert (answer.status_code, answer.json()["code"]) == (409, "TOO_MANY_BLOCKS")
    assert apart(database, full) == crowd
    assert database.collection("users/asha/blocks") == {}


@pytest.mark.parametrize(
    "change",
    [{"uid": uid} for uid in ("", "a/b", "..", 7, None, "x" * 200)]
    + [{"reason": reason} for reason in ("", "x" * 201, "\u202e", None, 7)]
    + [{"not_matched": []}],
    ids=str,
)
async def test_an_invalid_block_is_422(call: Caller, change: dict[str, Any]) -> None:
    assert (await call("POST", BLOCKS, {**BLOCK, **change})).status_code == 422


async def test_a_removal_whose_answer_was_lost_is_applied_once_and_keeps_the_other_block(
    call: Caller, database: MemoryDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    await call("POST", BLOCKS, BLOCK)
    await call.be("dev")("POST", BLOCKS, {**BLOCK, "uid": "asha"})
    commit, lost = database.commit, [CommitUnknown("no answer")]

    async def commit_and_lose_one_answer(writes: Sequence[Write]) -> None:
        await commit(writes)
        if lost:
            raise lost.pop()

    monkeypatch.setattr(database, "commit", commit_and_lose_one_answer)
    assert (await call("DELETE", f"{BLOCKS}/dev")).status_code == 204
    assert (apart(database, "asha"), apart(database, "dev")) == (["dev"], ["asha"])
