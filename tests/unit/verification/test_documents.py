"""Papers, from their draft to their end, as people and admins see them."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from functions.verification_api import wiring
from shared.adapters.firestore.verification import PAPERS, FirestorePapers
from shared.verification.days import end_of
from shared.verification.domain import (
    KEPT_EMPTY,
    MAX_PENDING,
    NOTICE,
    TRANSITIONS,
    DocumentKind,
    DocumentState,
)
from shared.verification.files import MAX_BYTES
from shared.verification.intake import Intake
from shared.verification.usecases import sweep_documents as sweeping
from shared.verification.usecases.sweep_documents import Swept, sweep_documents
from tests.fakes.accounts import Caller, seed_operator
from tests.fakes.bus import MemoryBus
from tests.fakes.clock import FakeClock
from tests.fakes.database import MemoryDatabase
from tests.fakes.pictures import pdf, picture
from tests.fakes.storage import JPEG, FakeVault, InlineCleaner

pytestmark = [pytest.mark.mission("A6")]

MINE = "/api/v1/me/documents"
ADMIN = "/api/v1/admin/documents"
LAST_DAY = "2027-06-30"
LICENCE = {
    "kind": "driving_licence",
    "expires_on": LAST_DAY,
    "content_type": "image/jpeg",
    "size": len(JPEG),
}
SHOP = {"id": "mer_1", "staff": ["asha", "ravi"], "approved": False}


@pytest.fixture(autouse=True)
def _vault(files: FakeVault, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wiring, "document_vault", lambda: files)
    intake = Intake(files, InlineCleaner())
    monkeypatch.setattr(wiring, "intake", lambda: intake)


@pytest.fixture
def admin(call: Caller, database: MemoryDatabase) -> Caller:
    seed_operator(database, "adele")
    return call.be("adele")


class Desk:
    """What people do with papers, in a word each."""

    def __init__(self, call: Caller, admin: Caller, files: FakeVault) -> None:
        self.call, self.admin, self.files, self._keys = call, admin, files, 0

    async def draft(self, **changes: Any) -> dict[str, Any]:
        answer = await self.call("POST", MINE, {**LICENCE, **changes}, key=self.key())
        assert answer.status_code == 201, answer.text
        body: dict[str, Any] = answer.json()
        return body

    def upload(self, drafted: dict[str, Any], data: bytes = JPEG) -> bool:
        return self.files.put(drafted["upload"]["url"], data, drafted["upload"]["headers"])

    def content(self, document_id: str, subject: str = "asha") -> bytes:
        """Return what lies in the store for a document."""
        return self.files.files[f"documents/{subject}/{document_id}"][0]

    async def submit(self, **changes: Any) -> str:
        drafted = await self.draft(**changes)
        assert self.upload(drafted)
        answer = await self.call("POST", f"{MINE}/{drafted['id']}/submit")
        assert answer.status_code == 200, answer.text
        return str(drafted["id"])

    async def approve(self, **changes: Any) -> str:
        document_id = await self.submit(**changes)
        answer = await self.admin("POST", f"{ADMIN}/{document_id}/approve")
        assert answer.status_code == 200, answer.text
        return document_id

    async def state(self, document_id: str) -> str:
        return str((await self.call("GET", f"{MINE}/{document_id}")).json()["state"])

    def key(self) -> str:
        self._keys += 1
        return f"key-{self._keys}"


@pytest.fixture
def desk(call: Caller, admin: Caller, files: FakeVault, clock: FakeClock) -> Desk:
    return Desk(call, admin, files)


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/v1/me/documents"),
        ("GET", "/api/v1/me/documents"),
        ("GET", "/api/v1/me/documents/x"),
        ("POST", "/api/v1/me/documents/x/submit"),
        ("GET", "/api/v1/admin/documents"),
        ("GET", "/api/v1/admin/documents/x"),
        ("POST", "/api/v1/admin/documents/x/approve"),
        ("POST", "/api/v1/admin/documents/x/reject"),
    ],
)
@pytest.mark.parametrize("uid", ["", "forged"])
async def test_every_route_needs_a_valid_token(call: Caller, method: str, path: str, uid: str) -> None:
    answer = await call.be(uid)(method, path, key="k")

    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"


class TestUpload:
    async def test_a_draft_says_where_its_file_goes(self, desk: Desk, clock: FakeClock) -> None:
        drafted = await desk.draft()

        assert (drafted["state"], drafted["expires_on"]) == ("awaiting_upload", LAST_DAY)
        upload = drafted["upload"]
        assert upload["method"] == "PUT"
        assert upload["headers"]["content-type"] == "image/jpeg"
        assert upload["headers"]["x-goog-content-length-range"] == f"{len(JPEG)},{len(JPEG)}"
        assert upload["expires_at"] == (clock.now + timedelta(minutes=10)).isoformat().replace("+00:00", "Z")

    async def test_a_retry_gets_the_same_ticket_and_makes_no_second_draft(
        self, desk: Desk, call: Caller, database: MemoryDatabase
    ) -> None:
        answers = [await call("POST", MINE, LICENCE, key="once") for _ in range(2)]

        assert answers[0].json() == answers[1].json()
        assert len(database.collection("documents")) == 1
        assert (await call("POST", MINE, LICENCE)).status_code == 400

    async def test_what_was_uploaded_is_handed_in_with_its_hash(
        self, desk: Desk, database: MemoryDatabase
    ) -> None:
        document_id = await desk.submit()

        stored = database.data(f"documents/{document_id}")
        assert stored["state"] == "submitted"
        assert stored["sha256"] == hashlib.sha256(desk.content(document_id)).hexdigest()
        assert stored["due_at"] is None

    async def test_handing_in_twice_is_handing_in_once(self, desk: Desk, call: Caller) -> None:
        document_id = await desk.submit()

        again = await call("POST", f"{MINE}/{document_id}/submit")
        assert (again.status_code, again.json()["state"]) == (200, "submitted")

    async def test_nothing_can_be_handed_in_before_it_is_there(self, desk: Desk, call: Caller) -> None:
        drafted = await desk.draft()

        assert code(await call("POST", f"{MINE}/{drafted['id']}/submit")) == (409, "UPLOAD_MISSING")
        assert await desk.state(drafted["id"]) == "awaiting_upload"

    @pytest.mark.parametrize(
        "data", [head.ljust(len(JPEG), b"\0") for head in (b"<html>", b"%PDF-1.7", b"")], ids=len
    )
    async def test_a_file_of_another_type_than_declared_is_refused(
        self, desk: Desk, call: Caller, data: bytes
    ) -> None:
        drafted = await desk.draft()
        assert desk.upload(drafted, data)

        assert code(await call("POST", f"{MINE}/{drafted['id']}/submit")) == (422, "FILE_NOT_AS_DECLARED")

    async def test_a_file_of_another_size_is_refused_though_the_store_took_it(
        self, desk: Desk, call: Caller, files: FakeVault
    ) -> None:
        drafted = await desk.draft()
        files.files[f"documents/asha/{drafted['id']}"] = JPEG + b"\0", 1

        assert code(await call("POST", f"{MINE}/{drafted['id']}/submit")) == (422, "FILE_NOT_AS_DECLARED")

    @pytest.mark.parametrize(
        ("content_type", "data", "becomes"),
        [
            ("image/jpeg", JPEG, "image/jpeg"),
            ("image/png", picture("PNG", 24, 16), "image/jpeg"),
            ("image/webp", picture("WEBP", 24, 16), "image/jpeg"),
            ("application/pdf", pdf(), "application/pdf"),
        ],
    )
    async def test_the_four_types_are_taken_and_pictures_are_shown_as_what_was_drawn(
        self, desk: Desk, call: Caller, content_type: str, data: bytes, becomes: str
    ) -> None:
        drafted = await desk.draft(content_type=content_type, size=len(data))
        assert desk.upload(drafted, data)

        shown = (await call("POST", f"{MINE}/{drafted['id']}/submit")).json()
        assert (shown["state"], shown["content_type"]) == ("submitted", becomes)
        assert shown["size"] == len(desk.content(drafted["id"]))

    async def test_a_store_that_does_not_answer_is_503_and_nothing_is_kept(
        self, desk: Desk, call: Caller, files: FakeVault, database: MemoryDatabase
    ) -> None:
        files.down = 1
        answer = await call("POST", MINE, LICENCE, key="k")

        assert code(answer) == (503, "FILES_UNAVAILABLE")
        assert database.collection("documents") == {}
        assert (await call("POST", MINE, LICENCE, key="k")).status_code == 201

    async def test_five_documents_may_wait_and_no_sixth_even_at_once(
        self, desk: Desk, call: Caller, database: MemoryDatabase
    ) -> None:
        answers = await asyncio.gather(
            *(call("POST", MINE, LICENCE, key=f"k{n}") for n in range(MAX_PENDING + 3))
        )

        assert sorted(answer.status_code for answer in answers) == [201] * MAX_PENDING + [409] * 3
        assert len(database.collection("documents")) == MAX_PENDING

    @pytest.mark.parametrize("verdict", ["approve", "reject"])
    async def test_a_decision_makes_room_for_the_next(self, desk: Desk, verdict: str) -> None:
        for _ in range(MAX_PENDING + 1):
            document_id = await desk.submit()
            answer = await desk.admin("POST", f"{ADMIN}/{document_id}/{verdict}", {"reason": "because"})
            assert answer.status_code == 200

    @pytest.mark.parametrize(
        ("change", "refusal"),
        [
            ({"expires_on": None}, "EXPIRY_MISSING"),
            ({"expires_on": "2026-11-19"}, "EXPIRY_OUT_OF_RANGE"),
            ({"expires_on": "0001-01-01"}, "EXPIRY_OUT_OF_RANGE"),
            ({"expires_on": "9999-12-31"}, "EXPIRY_OUT_OF_RANGE"),
            ({"kind": "food_licence"}, "KIND_NOT_FOR_SUBJECT"),
            ({"merchant_id": "mer_1"}, "KIND_NOT_FOR_SUBJECT"),
            ({"kind": "passport"}, "INVALID_REQUEST"),
            ({"expires_on": 1_800_000_000}, "INVALID_REQUEST"),
            ({"expires_on": "soon"}, "INVALID_REQUEST"),
            ({"expires_on": "2027-02-29"}, "INVALID_REQUEST"),
            ({"content_type": "image/svg+xml"}, "INVALID_REQUEST"),
            ({"content_type": "text/html"}, "INVALID_REQUEST"),
            ({"size": 0}, "INVALID_REQUEST"),
            ({"size": -1}, "INVALID_REQUEST"),
            ({"size": MAX_BYTES + 1}, "INVALID_REQUEST"),
            ({"size": 64.0}, "INVALID_REQUEST"),
            ({"size": True}, "INVALID_REQUEST"),
            ({"merchant_id": "a/b"}, "INVALID_REQUEST"),
            ({"state": "approved"}, "INVALID_REQUEST"),
            ({"subject_id": "ravi"}, "INVALID_REQUEST"),
        ],
        ids=str,
    )
    async def test_what_cannot_be_a_document_is_422(
        self, desk: Desk, call: Caller, database: MemoryDatabase, change: dict[str, Any], refusal: str
    ) -> None:
        database.seed("merchants/mer_1", SHOP)
        assert code(await call("POST", MINE, {**LICENCE, **change}, key="k")) == (422, refusal)
        assert database.collection("documents") == {}

    async def test_a_paper_that_ends_today_in_india_is_still_one(self, desk: Desk) -> None:
        assert (await desk.draft(expires_on="2026-11-20"))["state"] == "awaiting_upload"

    async def test_an_identity_may_have_no_last_day(self, desk: Desk) -> None:
        assert (await desk.draft(kind="identity", expires_on=None))["expires_on"] is None


class TestForeign:
    async def test_a_foreign_document_does_not_exist(self, desk: Desk, call: Caller) -> None:
        document_id = await desk.submit()
        mallory = call.be("mallory")

        assert (await mallory("GET", f"{MINE}/{document_id}")).status_code == 404
        assert (await mallory("POST", f"{MINE}/{document_id}/submit")).status_code == 404
        assert (await mallory("GET", MINE)).json()["documents"] == []

    async def test_a_merchants_licence_is_for_its_staff(
        self, desk: Desk, call: Caller, database: MemoryDatabase
    ) -> None:
        database.seed("merchants/mer_1", SHOP)
        document_id = await desk.submit(kind="food_licence", merchant_id="mer_1")

        listed = (await call.be("ravi")("GET", f"{MINE}?merchant_id=mer_1")).json()["documents"]
        assert [document["id"] for document in listed] == [document_id]
        assert (await call.be("ravi")("GET", f"{MINE}/{document_id}")).status_code == 200
        mallory = call.be("mallory")
        assert code(await mallory("GET", f"{MINE}?merchant_id=mer_1")) == (404, "MERCHANT_NOT_FOUND")
        foreign = {**LICENCE, "kind": "food_licence", "merchant_id": "mer_1"}
        assert code(await mallory("POST", MINE, foreign, key="k")) == (404, "MERCHANT_NOT_FOUND")
        nobody = {**foreign, "merchant_id": "mer_2"}
        assert code(await call("POST", MINE, nobody, key="k")) == (404, "MERCHANT_NOT_FOUND")
        assert (await mallory("GET", f"{MINE}/{document_id}")).status_code == 404

    async def test_who_has_left_the_staff_sees_nothing_more(
        self, desk: Desk, call: Caller, database: MemoryDatabase
    ) -> None:
        database.seed("merchants/mer_1", SHOP)
        document_id = await desk.submit(kind="food_licence", merchant_id="mer_1")
        database.seed("merchants/mer_1", {**SHOP, "staff": ["ravi"]})

        assert (await call("GET", f"{MINE}/{document_id}")).status_code == 404

    @pytest.mark.parametrize("uid", ["asha", "mallory"])
    async def test_only_admins_decide(self, desk: Desk, call: Caller, uid: str) -> None:
        document_id = await desk.submit()
        caller = call.be(uid)

        for method, path in (("GET", ""), ("GET", f"/{document_id}"), ("POST", f"/{document_id}/approve")):
            assert (await caller(method, f"{ADMIN}{path}")).status_code == 403
        reason = {"reason": "no"}
        assert (await caller("POST", f"{ADMIN}/{document_id}/reject", reason)).status_code == 403
        assert await desk.state(document_id) == "submitted"


class TestReview:
    async def test_an_admin_finds_looks_and_approves(
        self, desk: Desk, admin: Caller, files: FakeVault, database: MemoryDatabase, bus: MemoryBus
    ) -> None:
        document_id = await desk.submit()

        [waiting] = (await admin("GET", ADMIN)).json()["documents"]
        seen = (await admin("GET", f"{ADMIN}/{waiting['id']}")).json()
        assert files.get(seen["file_url"]) == desk.content(document_id) != JPEG
        assert seen["sha256"] == hashlib.sha256(desk.content(document_id)).hexdigest()
        approved = await admin("POST", f"{ADMIN}/{document_id}/approve")

        assert approved.json()["state"] == "approved"
        assert (await admin("GET", ADMIN)).json()["documents"] == []
        deeds = sorted(entry["action"] for entry in database.collection("audit").values())
        assert deeds == ["document_approved", "document_read"]
        [told] = bus.fields("document_approved")
        assert (told["subject_id"], told["kind"], told["owner_id"]) == ("asha", "driving_licence", "asha")

    async def test_what_is_approved_stands_among_the_papers_until_its_last_day_is_over(
        self, desk: Desk, database: MemoryDatabase, clock: FakeClock
    ) -> None:
        await desk.approve()

        papers = PAPERS.parse(database.data("papers/asha"))
        end = end_of(clock.now.date().fromisoformat(LAST_DAY))
        assert end.isoformat() == "2027-07-01T00:00:00+05:30"
        assert papers.holds(DocumentKind.DRIVING_LICENCE, clock.now)
        assert papers.holds(DocumentKind.DRIVING_LICENCE, end - timedelta(seconds=1))
        assert not papers.holds(DocumentKind.DRIVING_LICENCE, end)
        assert not papers.holds(DocumentKind.IDENTITY, clock.now)

    async def test_a_rejection_says_why_to_its_owner(self, desk: Desk, call: Caller, bus: MemoryBus) -> None:
        document_id = await desk.submit()

        await desk.admin("POST", f"{ADMIN}/{document_id}/reject", {"reason": "Blurred"})

        seen = (await call("GET", f"{MINE}/{document_id}")).json()
        assert (seen["state"], seen["reason"]) == ("rejected", "Blurred")
        [told] = bus.fields("document_rejected")
        assert "Blurred" not in str(told)

    async def test_an_approval_can_be_taken_back_and_counts_no_more(
        self, desk: Desk, database: MemoryDatabase, clock: FakeClock
    ) -> None:
        document_id = await desk.approve()

        await desk.admin("POST", f"{ADMIN}/{document_id}/reject", {"reason": "Forged"})

        papers = PAPERS.parse(database.data("papers/asha"))
        assert not papers.holds(DocumentKind.DRIVING_LICENCE, clock.now)

    async def test_of_two_licences_the_one_that_is_left_counts(
        self, desk: Desk, database: MemoryDatabase, clock: FakeClock
    ) -> None:
        old, _ = await desk.approve(), await desk.approve(expires_on="2030-01-01")

        await desk.admin("POST", f"{ADMIN}/{old}/reject", {"reason": "Replaced"})

        papers = PAPERS.parse(database.data("papers/asha"))
        assert papers.holds(DocumentKind.DRIVING_LICENCE, clock.now + timedelta(days=700))

    async def test_a_second_click_is_no_second_deed(
        self, desk: Desk, database: MemoryDatabase, bus: MemoryBus
    ) -> None:
        document_id = await desk.submit()

        answers = await asyncio.gather(
            *(desk.admin("POST", f"{ADMIN}/{document_id}/approve") for _ in range(4))
        )

        assert {answer.status_code for answer in answers} == {200}
        assert len(database.collection("audit")) == 1
        assert bus.names().count("document_approved") == 1
        assert len(PAPERS.parse(database.data("papers/asha")).approved) == 1

    async def test_of_approval_and_rejection_at_once_the_papers_show_the_last(
        self, desk: Desk, database: MemoryDatabase
    ) -> None:
        document_id = await desk.submit()

        answers = await asyncio.gather(
            desk.admin("POST", f"{ADMIN}/{document_id}/approve"),
            desk.admin("POST", f"{ADMIN}/{document_id}/reject", {"reason": "no"}),
        )

        assert {answer.status_code for answer in answers} <= {200, 409}
        assert await desk.state(document_id) == "rejected"
        assert PAPERS.parse(database.data("papers/asha")).approved == ()

    async def test_what_was_never_handed_in_cannot_be_decided(self, desk: Desk) -> None:
        drafted = await desk.draft()
        desk.upload(drafted)

        answer = await desk.admin("POST", f"{ADMIN}/{drafted['id']}/approve")
        assert code(answer) == (409, "ILLEGAL_DOCUMENT_TRANSITION")
        assert (await desk.admin("GET", f"{ADMIN}/{drafted['id']}")).json()["file_url"] == ""

    async def test_a_paper_whose_last_day_passed_while_it_waited_cannot_be_approved(
        self, desk: Desk, clock: FakeClock
    ) -> None:
        document_id = await desk.submit(expires_on="2026-11-21")
        clock.wait(3 * 86_400)

        answer = await desk.admin("POST", f"{ADMIN}/{document_id}/approve")
        assert code(answer) == (409, "DOCUMENT_OUT_OF_DATE")

    async def test_nobody_decides_about_their_own(self, desk: Desk, database: MemoryDatabase) -> None:
        document_id = await desk.submit()
        seed_operator(database, "asha")

        answer = await desk.call("POST", f"{ADMIN}/{document_id}/approve")
        assert code(answer) == (403, "OWN_DOCUMENT")

    @pytest.mark.parametrize("verdict", ["approve", "reject"])
    async def test_nobody_decides_about_a_licence_of_the_merchant_for_which_they_act(
        self, desk: Desk, database: MemoryDatabase, verdict: str
    ) -> None:
        database.seed("merchants/mer_1", SHOP)
        document_id = await desk.submit(kind="food_licence", merchant_id="mer_1")
        seed_operator(database, "ravi")

        body = {"reason": "no"} if verdict == "reject" else None
        answer = await desk.call.be("ravi")("POST", f"{ADMIN}/{document_id}/{verdict}", body)
        assert code(answer) == (403, "OWN_DOCUMENT")
        assert (await desk.admin("POST", f"{ADMIN}/{document_id}/{verdict}", body)).status_code == 200

    async def test_an_unknown_document_is_404(self, admin: Caller) -> None:
        assert (await admin("GET", f"{ADMIN}/doc_x")).status_code == 404
        assert (await admin("POST", f"{ADMIN}/doc_x/approve")).status_code == 404
        answer = await admin("POST", f"{ADMIN}/doc_x/reject", {"reason": "no"})
        assert answer.status_code == 404

    @pytest.mark.parametrize(
        "body", [{}, {"reason": ""}, {"reason": "x" * 201}, {"reason": 7}, None], ids=str
    )
    async def test_a_rejection_needs_its_reason(self, admin: Caller, body: Any) -> None:
        answer = await admin("POST", f"{ADMIN}/doc_x/reject", body)
        assert answer.status_code == 422

    async def test_the_list_is_read_page_by_page(self, desk: Desk, admin: Caller, clock: FakeClock) -> None:
        expected = []
        for _ in range(3):
            expected.append(await desk.submit())
            clock.wait(1)
        seen: list[str] = []
        token = ""
        for _ in range(3):
            page = (await admin("GET", f"{ADMIN}?page_size=1&page_token={token}")).json()
            seen += [document["id"] for document in page["documents"]]
            token = page["next_page_token"]

        assert (seen, token) == (expected, "")
        assert (await admin("GET", f"{ADMIN}?page_token=rubbish")).status_code == 422
        assert (await admin("GET", f"{ADMIN}?state=lost")).status_code == 422


class TestEnd:
    async def _sweep(self, papers: FirestorePapers, files: FakeVault, clock: FakeClock) -> Swept:
        return await sweep_documents(papers=papers, vault=files, now=clock.now)

    async def test_a_paper_is_over_at_once_and_the_sweeper_says_so_once(
        self, desk: Desk, papers: FirestorePapers, files: FakeVault, clock: FakeClock, bus: MemoryBus
    ) -> None:
        document_id = await desk.approve(expires_on="2026-11-21")
        clock.wait(2 * 86_400)
        assert await desk.state(document_id) == "expired"

        first = await self._sweep(papers, files, clock)
        again = await self._sweep(papers, files, clock)

        assert (first.expired, again.seen) == (1, 0)
        assert bus.names().count("document_expired") == 1
        assert (await papers.find(document_id))[0].state is DocumentState.EXPIRED  # type: ignore[union-attr]

    async def test_its_owner_is_told_two_weeks_before_and_once(
        self, desk: Desk, papers: FirestorePapers, files: FakeVault, clock: FakeClock, bus: MemoryBus
    ) -> None:
        await desk.approve(expires_on="2026-12-31")
        clock.now = end_of(clock.now.date().replace(month=12, day=31)) - NOTICE - timedelta(seconds=1)
        assert (await self._sweep(papers, files, clock)).seen == 0
        clock.wait(1)

        assert (await self._sweep(papers, files, clock)).reminded == 1
        assert (await self._sweep(papers, files, clock)).seen == 0
        assert bus.names().count("document_expiring") == 1

    async def test_a_paper_without_a_last_day_is_never_due(
        self, desk: Desk, papers: FirestorePapers, files: FakeVault, clock: FakeClock
    ) -> None:
        document_id = await desk.approve(kind="identity", expires_on=None)
        clock.wait(60 * 365 * 86_400)

        assert (await self._sweep(papers, files, clock)).seen == 0
        assert await desk.state(document_id) == "approved"

    async def test_what_stays_without_its_file_goes_and_makes_room(
        self,
        desk: Desk,
        papers: FirestorePapers,
        files: FakeVault,
        clock: FakeClock,
        database: MemoryDatabase,
    ) -> None:
        for _ in range(MAX_PENDING):
            drafted = await desk.draft()
        desk.upload(drafted)
        clock.wait(KEPT_EMPTY.total_seconds())

        assert (await self._sweep(papers, files, clock)).dropped == MAX_PENDING
        assert database.collection("documents") == {}
        assert files.files == {}
        await desk.draft()

    async def test_while_a_file_cannot_be_discarded_its_name_is_not_forgotten(
        self,
        desk: Desk,
        papers: FirestorePapers,
        files: FakeVault,
        clock: FakeClock,
        database: MemoryDatabase,
    ) -> None:
        drafted = await desk.draft()
        desk.upload(drafted)
        clock.wait(KEPT_EMPTY.total_seconds())
        files.down = 1

        first = await self._sweep(papers, files, clock)
        assert (first.failed, await desk.state(drafted["id"])) == (1, "abandoned")
        late = await desk.call("POST", f"{MINE}/{drafted['id']}/submit")
        assert code(late) == (409, "ILLEGAL_DOCUMENT_TRANSITION")
        assert (await self._sweep(papers, files, clock)).dropped == 1
        assert (files.files, database.collection("documents")) == ({}, {})

    async def test_papers_that_cannot_be_read_stop_nobody_elses(
        self,
        desk: Desk,
        papers: FirestorePapers,
        files: FakeVault,
        clock: FakeClock,
        database: MemoryDatabase,
    ) -> None:
        await desk.approve(expires_on="2026-11-21")
        database.seed("papers/asha", {"subject_id": "asha", "approved": "all of them"})
        ravi = Desk(desk.call.be("ravi"), desk.admin, files)
        document_id = await ravi.approve(expires_on="2026-11-21")
        clock.wait(2 * 86_400)

        swept = await self._sweep(papers, files, clock)
        assert (swept.failed, swept.expired) == (1, 1)
        assert (await papers.find(document_id))[0].state is DocumentState.EXPIRED  # type: ignore[union-attr]

    async def test_what_fails_again_and_again_hides_nothing_behind_it(
        self,
        desk: Desk,
        papers: FirestorePapers,
        files: FakeVault,
        clock: FakeClock,
        monkeypatch: pytest.MonkeyPatch,
        database: MemoryDatabase,
    ) -> None:
        monkeypatch.setattr(sweeping, "BATCH", 2)
        for _ in range(3):
            await desk.approve(expires_on="2026-11-21")
        path, long_ago = (
            f"documents/{next(iter(database.collection('documents')))}",
            datetime(2026, 1, 1, tzinfo=UTC),
        )
        database.seed(path, database.data(path) | {"subject_id": "mallory", "due_at": long_ago})
        database.seed("papers/mallory", {"subject_id": 7})
        clock.wait(2 * 86_400)

        swept = await self._sweep(papers, files, clock)
        assert (swept.seen, swept.failed, swept.expired) == (3, 1, 2)

    async def test_two_sweepers_at_once_do_everything_once(
        self, desk: Desk, papers: FirestorePapers, files: FakeVault, clock: FakeClock, bus: MemoryBus
    ) -> None:
        for _ in range(3):
            await desk.approve(expires_on="2026-11-21")
        clock.wait(2 * 86_400)

        await asyncio.gather(*(self._sweep(papers, files, clock) for _ in range(2)))

        assert bus.names().count("document_expired") == 3

    async def test_who_hands_in_while_the_sweeper_comes_has_either_won_or_is_told(
        self,
        desk: Desk,
        papers: FirestorePapers,
        files: FakeVault,
        clock: FakeClock,
        database: MemoryDatabase,
    ) -> None:
        drafted = await desk.draft()
        desk.upload(drafted)
        clock.wait(KEPT_EMPTY.total_seconds())

        answer, _ = await asyncio.gather(
            desk.call("POST", f"{MINE}/{drafted['id']}/submit"), self._sweep(papers, files, clock)
        )

        kept = drafted["id"] in database.collection("documents")
        assert (answer.status_code == 200) is kept
        assert bool(files.files) is kept


def test_every_state_but_the_first_is_led_into_and_the_ends_lead_nowhere() -> None:
    into = {move.target for move in TRANSITIONS}
    out = {move.source for move in TRANSITIONS}
    assert into == set(DocumentState) - {DocumentState.AWAITING_UPLOAD}
    ends = {DocumentState.REJECTED, DocumentState.EXPIRED, DocumentState.ABANDONED}
    assert set(DocumentState) - out == ends
