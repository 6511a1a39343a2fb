"""How an application is reviewed: approved, rejected with a reason, submitted again, suspended."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from shared.catalogue.domain import Merchant
from tests.fakes.accounts import Caller, seed_operator
from tests.fakes.database import MemoryDatabase
from tests.unit.catalogue.shops import CENTRE, NOW, put, shop

pytestmark = pytest.mark.mission("B1")

ADMIN = "/api/v1/admin/merchants"
OWN = "/api/v1/merchants/mer_1"
WHY = {"reason": "The licence has expired."}


@pytest.fixture
def boss(call: Caller, database: MemoryDatabase) -> Caller:
    seed_operator(database, "boss")
    return call.be("boss")


@pytest.fixture
def applicant(database: MemoryDatabase) -> None:
    put(database, shop(approved=False, open=False, application_outcome=None))


@pytest.mark.usefixtures("applicant")
class TestReview:
    async def test_a_rejected_application_says_why_and_can_be_submitted_again(
        self, call: Caller, boss: Caller
    ) -> None:
        rejected = await boss("POST", f"{ADMIN}/mer_1/reject", WHY)
        assert (rejected.status_code, rejected.json()["application_status"]) == (200, "rejected")
        seen = (await call("GET", OWN)).json()
        assert (seen["application_status"], seen["reason"]) == ("rejected", WHY["reason"])

        again = (await call("POST", f"{OWN}/submit")).json()
        assert (again["application_status"], again["reason"]) == ("pending", "")
        assert (await boss("POST", f"{ADMIN}/mer_1/approve")).json()["application_status"] == "approved"

    async def test_every_decision_is_kept_with_who_and_when(
        self, call: Caller, boss: Caller, database: MemoryDatabase
    ) -> None:
        for action in ("reject", "reject", "approve", "approve", "suspend", "suspend", "approve"):
            body = None if action == "approve" else WHY
            assert (await boss("POST", f"{ADMIN}/mer_1/{action}", body)).status_code == 200

        found = (await boss("GET", f"{ADMIN}/mer_1")).json()
        assert [review["outcome"] for review in found["reviews"]] == [
            "approved",
            "suspended",
            "approved",
            "rejected",
        ]
        assert {review["by"] for review in found["reviews"]} == {"boss"}
        assert found["merchant"]["owner_id"] == "staff"
        assert len(database.collection("merchants/mer_1/application_reviews")) == 4

    async def test_a_merchant_never_learns_which_admin_decided(self, call: Caller, boss: Caller) -> None:
        await boss("POST", f"{ADMIN}/mer_1/reject", WHY)
        assert "boss" not in (await call("GET", OWN)).text

    async def test_a_suspended_merchant_is_closed_hidden_and_cannot_open(
        self, call: Caller, boss: Caller, database: MemoryDatabase
    ) -> None:
        put(database, shop())
        suspended = (await boss("POST", f"{ADMIN}/mer_1/suspend", WHY)).json()

        assert (suspended["approved"], suspended["open"], suspended["open_now"]) == (False, False, False)
        assert (await call.be("asha")("GET", OWN)).status_code == 404
        nearby = f"/api/v1/merchants?lat={CENTRE.lat}&lng={CENTRE.lng}"
        assert (await call.be("asha")("GET", nearby)).json()["merchants"] == []
        assert (await call("POST", f"{OWN}/open")).json()["code"] == "MERCHANT_NOT_APPROVED"
        assert (await call("POST", f"{OWN}/submit")).json()["code"] == "MERCHANT_NOT_REJECTED"

    async def test_decisions_depend_on_the_application_status(
        self, boss: Caller, call: Caller, database: MemoryDatabase
    ) -> None:
        early = await boss("POST", f"{ADMIN}/mer_1/suspend", WHY)
        assert (early.status_code, early.json()["code"]) == (409, "MERCHANT_NOT_SELLING")
        assert (await call("POST", f"{OWN}/submit")).json()["application_status"] == "pending"
        put(database, shop())
        late = await boss("POST", f"{ADMIN}/mer_1/reject", WHY)
        assert (late.status_code, late.json()["code"]) == (409, "MERCHANT_NOT_PENDING")

    @pytest.mark.parametrize("action", ["approve", "reject", "suspend"])
    async def test_nobody_but_an_admin_decides(
        self, call: Caller, database: MemoryDatabase, action: str
    ) -> None:
        seed_operator(database, "helper", "support", "merchant")
        before = database.data("merchants/mer_1")
        for uid in ("staff", "helper", "asha"):
            answer = await call.be(uid)("POST", f"{ADMIN}/mer_1/{action}", WHY)
            assert (answer.status_code, answer.json()["code"]) == (403, "ROLE_MISSING")
        assert database.data("merchants/mer_1") == before

    @pytest.mark.parametrize("action", ["reject", "suspend"])
    async def test_a_decision_that_was_made_before_is_refused_with_another_reason(
        self, boss: Caller, call: Caller, database: MemoryDatabase, action: str
    ) -> None:
        if action == "suspend":
            put(database, shop())
        await boss("POST", f"{ADMIN}/mer_1/{action}", WHY)
        again = await boss("POST", f"{ADMIN}/mer_1/{action}", {"reason": "another"})
        assert (again.status_code, again.json()["code"]) == (409, "ALREADY_DECIDED")
        assert (await call("GET", OWN)).json()["reason"] == WHY["reason"]

    @pytest.mark.parametrize(
        ("decision", "later", "status"),
        [
            ("approve", "suspend", "suspended"),
            ("suspend", "approve", "approved"),
            ("reject", "approve", "approved"),
        ],
    )
    async def test_a_decision_that_comes_again_late_with_its_key_undoes_no_later_one(
        self, boss: Caller, database: MemoryDatabase, decision: str, later: str, status: str
    ) -> None:
        if decision == "suspend":
            put(database, shop())
        bodies = {"approve": None, "suspend": WHY, "reject": WHY}
        first = await boss("POST", f"{ADMIN}/mer_1/{decision}", bodies[decision], key="k")
        assert first.status_code == 200
        await boss("POST", f"{ADMIN}/mer_1/{later}", bodies[later])
        again = await boss("POST", f"{ADMIN}/mer_1/{decision}", bodies[decision], key="k")

        assert (again.status_code, again.json()) == (200, first.json())
        merchant = (await boss("GET", f"{ADMIN}/mer_1")).json()["merchant"]
        assert merchant["application_status"] == status

    @pytest.mark.parametrize("action", ["approve", "reject", "suspend"])
    async def test_a_key_of_a_decision_with_another_reason_is_refused(
        self, boss: Caller, database: MemoryDatabase, action: str
    ) -> None:
        if action == "suspend":
            put(database, shop())
        await boss("POST", f"{ADMIN}/mer_1/{action}", WHY, key="k")
        answer = await boss("POST", f"{ADMIN}/mer_1/{action}", {"reason": "another"}, key="k")
        assert (answer.status_code, answer.json()["code"]) == (422, "IDEMPOTENCY_KEY_REUSED")

    @pytest.mark.parametrize("action", ["approve", "reject", "suspend"])
    async def test_no_admin_decides_about_a_merchant_that_they_own_or_work_for(
        self, call: Caller, boss: Caller, database: MemoryDatabase, action: str
    ) -> None:
        applicant = shop(approved=False, open=False, application_outcome=None)
        put(database, shop() if action == "suspend" else applicant, staff=["cook"])
        before = database.data("merchants/mer_1")
        for uid in ("staff", "cook"):
            seed_operator(database, uid)
            answer = await call.be(uid)("POST", f"{ADMIN}/mer_1/{action}", WHY)
            assert (answer.status_code, answer.json()["code"]) == (403, "OPERATOR_INVOLVED")
        assert database.data("merchants/mer_1") == before
        assert (await boss("POST", f"{ADMIN}/mer_1/{action}", WHY)).status_code == 200

    @pytest.mark.parametrize(
        "body", [{}, {"reason": ""}, {"reason": " "}, {"reason": "x" * 201}, {"reason": 5}, []]
    )
    async def test_a_decision_against_somebody_has_a_reason(self, boss: Caller, body: Any) -> None:
        for action in ("reject", "suspend"):
            assert (await boss("POST", f"{ADMIN}/mer_1/{action}", body)).status_code == 422

    async def test_an_unknown_merchant_is_404(self, boss: Caller) -> None:
        for method, path, body in (
            ("GET", "", None),
            ("POST", "/approve", None),
            ("POST", "/reject", WHY),
            ("POST", "/suspend", WHY),
        ):
            assert (await boss(method, f"{ADMIN}/mer_9{path}", body)).status_code == 404


class TestList:
    async def test_the_longest_waiting_come_first_page_by_page(
        self, boss: Caller, database: MemoryDatabase
    ) -> None:
        for n in range(5):
            waiting = shop(f"mer_{n}", approved=False, open=False, application_outcome=None)
            put(database, shop(f"old_{n}"), _since(waiting, n))

        first = (await boss("GET", f"{ADMIN}?page_size=3")).json()
        rest = (await boss("GET", f"{ADMIN}?page_size=3&page_token={first['next_page_token']}")).json()

        assert [one["id"] for one in first["merchants"] + rest["merchants"]] == [
            f"mer_{n}" for n in reversed(range(5))
        ]
        assert rest["next_page_token"] == ""

    async def test_the_other_statuses_can_be_listed(self, boss: Caller, database: MemoryDatabase) -> None:
        put(database, shop("mer_1"), shop("mer_2", approved=False, open=False, application_outcome=None))
        await boss("POST", f"{ADMIN}/mer_1/suspend", WHY)
        await boss("POST", f"{ADMIN}/mer_2/reject", WHY)

        for status, ids in (
            ("suspended", ["mer_1"]),
            ("rejected", ["mer_2"]),
            ("approved", []),
            ("pending", []),
        ):
            found = (await boss("GET", f"{ADMIN}?status={status}")).json()["merchants"]
            assert [one["id"] for one in found] == ids

    @pytest.mark.parametrize("query", ["status=odd", "page_size=0", "page_token=x", "page_token=WzEsMl0"])
    async def test_a_question_without_sense_is_422(self, boss: Caller, query: str) -> None:
        assert (await boss("GET", f"{ADMIN}?{query}")).status_code == 422

    async def test_only_admins_list(self, call: Caller) -> None:
        assert (await call("GET", ADMIN)).status_code == 403
        assert (await call.be("")("GET", ADMIN)).status_code == 401


def _since(merchant: Merchant, days: int) -> Merchant:
    return replace(merchant, created_at=NOW - timedelta(days=days))
