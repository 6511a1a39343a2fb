"""Reviews as the callers of `accounts_api` see them, with all that they may get wrong."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fakes.accounts import Caller
from tests.fakes.database import MemoryDatabase

REVIEW = {"order_id": "ord_1", "stars": 5, "comment": "Quick!"}
ORDER = {
    "id": "ord_1",
    "customer_id": "asha",
    "fulfilment": "delivered",
    "assignment": {"driver_id": "dev"},
}


async def test_a_review_is_posted_once_and_a_retry_gets_the_first_answer(
    call: Caller, database: MemoryDatabase
) -> None:
    database.seed("orders/ord_1", ORDER)

    first = await call("POST", "/api/v1/reviews", REVIEW, key="k1")
    again = await call("POST", "/api/v1/reviews", REVIEW, key="k1")
    other = await call("POST", "/api/v1/reviews", REVIEW, key="k2")

    assert (first.status_code, again.status_code, other.status_code) == (201, 201, 409)
    assert first.json() == again.json()
    assert other.json()["code"] == "ALREADY_REVIEWED"


async def test_the_same_key_with_another_body_is_422_and_no_key_is_400(
    call: Caller, database: MemoryDatabase
) -> None:
    database.seed("orders/ord_1", ORDER)
    await call("POST", "/api/v1/reviews", REVIEW, key="k1")

    changed = await call("POST", "/api/v1/reviews", {**REVIEW, "stars": 1}, key="k1")

    assert (changed.status_code, changed.json()["code"]) == (422, "IDEMPOTENCY_KEY_REUSED")
    assert (await call("POST", "/api/v1/reviews", REVIEW)).status_code == 400


async def test_a_foreign_order_is_404_and_one_on_its_way_409(call: Caller, database: MemoryDatabase) -> None:
    database.seed("orders/ord_1", {**ORDER, "fulfilment": "in_transit"})

    assert (await call.be("mallory")("POST", "/api/v1/reviews", REVIEW, key="k")).status_code == 404
    assert (await call("POST", "/api/v1/reviews", REVIEW, key="k")).status_code == 409


@pytest.mark.parametrize(
    "change",
    [{"stars": stars} for stars in (0, 6, -1, 10**9, 4.5, 5.0, "5", True, None)]
    + [{"order_id": id_} for id_ in ("", "..", "a/b", "__x__", "x" * 200, 7, "a\n")]
    + [{"comment": "x" * 2001}, {"comment": "\u0007"}, {"comment": None}, {"subject_id": "mallory"}],
)
async def test_a_review_that_cannot_stand_is_422(
    call: Caller, database: MemoryDatabase, change: dict[str, Any]
) -> None:
    database.seed("orders/ord_1", ORDER)

    answer = await call("POST", "/api/v1/reviews", {**REVIEW, **change}, key="k")

    assert answer.status_code == 422
    assert database.collection("reviews") == {}


async def test_not_a_number_of_stars_is_422(call: Caller) -> None:
    raw = '{"order_id": "ord_1", "stars": NaN}'

    assert (await call("POST", "/api/v1/reviews", raw=raw, key="k")).status_code == 422
