"""Reviews as the callers of `reviews_api` see them, with invalid requests."""

from __future__ import annotations

from typing import Any

import pytest

from shared.adapters.firestore.codec import to_document
from tests.builders import membership
from tests.fakes.accounts import Caller
from tests.fakes.database import MemoryDatabase

pytestmark = [pytest.mark.mission("A7")]

REVIEW = {"order_id": "ord_1", "stars": 5, "comment": "Quick!"}
ORDER = {
    "id": "ord_1",
    "customer_id": "asha",
    "fulfilment": "delivered",
    "assignment": {"driver_id": "dev"},
}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/v1/reviews"),
        ("GET", "/api/v1/reviews"),
        ("GET", "/api/v1/me/statistics"),
        ("POST", "/api/v1/me/blocks"),
        ("GET", "/api/v1/me/blocks"),
        ("DELETE", "/api/v1/me/blocks/x"),
    ],
)
@pytest.mark.parametrize("uid", ["", "forged"])
async def test_every_route_needs_a_valid_token(call: Caller, method: str, path: str, uid: str) -> None:
    answer = await call.be(uid)(method, path, key="k")

    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"


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
    + [{"side": "customer"}, {"side": None}, {"tags": ["nice"]}, {"tags": ["tasty"]}, {"tags": "late"}]
    + [{"tags": ["late", "late"]}, {"tags": ["late"] * 99}]
    + [{"comment": "x" * 2001}, {"comment": "\u0007"}, {"comment": None}, {"subject_id": "mallory"}],
)
async def test_an_invalid_review_is_422(
    call: Caller, database: MemoryDatabase, change: dict[str, Any]
) -> None:
    database.seed("orders/ord_1", ORDER)

    answer = await call("POST", "/api/v1/reviews", {**REVIEW, **change}, key="k")

    assert answer.status_code == 422
    assert database.collection("reviews") == {}


async def test_not_a_number_of_stars_is_422(call: Caller) -> None:
    raw = '{"order_id": "ord_1", "stars": NaN}'

    assert (await call("POST", "/api/v1/reviews", raw=raw, key="k")).status_code == 422


SHOP = {"id": "mer_1", "approved": True}
OF_SHOP = {**ORDER, "merchant_id": "mer_1"}


async def test_the_reviews_of_a_merchant_are_public_without_their_authors(
    call: Caller, database: MemoryDatabase
) -> None:
    database.seed("orders/ord_1", OF_SHOP)
    database.seed("merchants/mer_1", SHOP)
    database.seed("merchants/mer_1/staff/ravi", to_document(membership("ravi")))
    await call(
        "POST", "/api/v1/reviews", {**REVIEW, "side": "customer_of_merchant", "tags": ["tasty"]}, key="k"
    )

    answer = await call.be("mallory")("GET", "/api/v1/reviews?subject=mer_1")

    [seen] = answer.json()["reviews"]
    assert (seen["stars"], seen["tags"], seen["order_id"]) == (5, ["tasty"], None)
    assert "asha" not in answer.text
    staff = (await call.be("ravi")("GET", "/api/v1/reviews?subject=mer_1")).json()["reviews"]
    assert [review["order_id"] for review in staff] == ["ord_1"]


async def test_reviews_about_a_person_are_visible_to_that_person_only(
    call: Caller, database: MemoryDatabase
) -> None:
    database.seed("orders/ord_1", ORDER)
    await call("POST", "/api/v1/reviews", REVIEW, key="k")

    own = await call.be("dev")("GET", "/api/v1/reviews?subject=dev")
    assert [review["order_id"] for review in own.json()["reviews"]] == ["ord_1"]
    for uid in ("asha", "mallory"):
        foreign = await call.be(uid)("GET", "/api/v1/reviews?subject=dev")
        assert (foreign.status_code, foreign.json()["code"]) == (404, "SUBJECT_NOT_FOUND")


async def test_a_merchant_that_is_not_approved_has_no_public_reviews(
    call: Caller, database: MemoryDatabase
) -> None:
    database.seed("merchants/mer_1", {**SHOP, "approved": False})
    database.seed("merchants/mer_1/staff/ravi", to_document(membership("ravi")))

    assert (await call("GET", "/api/v1/reviews?subject=mer_1")).status_code == 404
    assert (await call.be("ravi")("GET", "/api/v1/reviews?subject=mer_1")).status_code == 200


async def test_reviews_are_read_page_by_page(call: Caller, database: MemoryDatabase) -> None:
    for number in range(3):
        name = f"ord_{number}"
        database.seed(f"orders/{name}", {**ORDER, "id": name})
        body = {**REVIEW, "order_id": name, "comment": str(number)}
        assert (await call("POST", "/api/v1/reviews", body, key=name)).status_code == 201
    dev, seen, token = call.be("dev"), [], ""
    for _ in range(3):
        page = (await dev("GET", f"/api/v1/reviews?subject=dev&page_size=1&page_token={token}")).json()
        seen += [review["comment"] for review in page["reviews"]]
        token = page["next_page_token"]

    assert (seen, token) == (["2", "1", "0"], "")
    assert (await dev("GET", "/api/v1/reviews?subject=dev&page_token=rubbish")).status_code == 422
    assert (await dev("GET", "/api/v1/reviews")).status_code == 422
    assert (await dev("GET", "/api/v1/reviews?subject=..%2Fx")).status_code == 422


async def test_statistics_count_orders_and_ratings(call: Caller, database: MemoryDatabase) -> None:
    database.seed("orders/ord_1", ORDER)
    database.seed("orders/ord_2", {**ORDER, "id": "ord_2", "fulfilment": "cancelled"})
    database.seed("orders/ord_3", {**ORDER, "id": "ord_3", "customer_id": "ravi"})
    await call("POST", "/api/v1/reviews", {**REVIEW, "stars": 4}, key="k")

    mine = (await call("GET", "/api/v1/me/statistics")).json()
    devs = (await call.be("dev")("GET", "/api/v1/me/statistics")).json()

    assert mine["orders"] == {"placed": 2, "received": 1, "cancelled": 1, "carried": 0}
    assert mine["ratings_given"] == {"count": 1, "mean": 4.0, "stars": [0, 0, 0, 1, 0]}
    assert devs["orders"]["carried"] == 2
    assert devs["ratings_as_driver"]["count"] == 1
    unknown = (await call.be("unknown")("GET", "/api/v1/me/statistics")).json()
    assert unknown["ratings_given"] == {"count": 0, "mean": None, "stars": [0, 0, 0, 0, 0]}
