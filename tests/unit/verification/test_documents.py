"""Verification documents from creation to expiry, through the API and the sweep."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from shared.adapters.firestore.codec import to_document
from shared.adapters.firestore.verification import RECORDS, FirestoreVerification
from shared.kernel.batch import DEFAULT_LIMITS, Batch, BatchResult, Limits
from shared.verification.days import end_of
from shared.verification.domain import (
    TRANSITIONS,
    DocumentKind,
    DocumentState,
    VerificationRecord,
    VerificationRules,
)
from shared.verification.files import MAX_BYTES
from shared.verification.usecases.sweep_documents import sweep_documents
from tests.builders import membership
from tests.fakes.accounts import Caller, seed_operator
from tests.fakes.bus import MemoryBus
from tests.fakes.clock import FakeClock
from tests.fakes.database import MemoryDatabase
from tests.fakes.object_store import JPEG, FakeObjectStore
from tests.fakes.pictures import pdf, picture

pytestmark = [pytest.mark.mission("A6")]

RULES = VerificationRules()
MINE = "/api/v1/me/documents"
ADMIN = "/api/v1/admin/documents"
LAST_DAY = "2027-06-30"
LICENCE = {
    "kind": "driving_licence",
    "expires_on": LAST_DAY,
    "content_type": "image/jpeg",
    "size": len(JPEG),
}


@pytest.fixture
def admin(call: Caller, database: MemoryDatabase) -> Caller:
    seed_operator(database, "adele")
    return call.be("adele")


class Desk:
    """Steps of owners and admins, one method each."""

    def __init__(self, call: Caller, admin: Caller, files: FakeObjectStore) -> None:
        self.call, self.admin, self.files, self._keys = call, admin, files, 0

    async def create(self, **changes: Any) -> dict[str, Any]:
        answer = await self.call("POST", MINE, {**LICENCE, **changes}, key=self.key())
        assert answer.status_code == 201, answer.text
        body: dict[str, Any] = answer.json()
        return body

    def upload(self, created: dict[str, Any], data: bytes = JPEG) -> bool:
        return self.files.put(created["upload"]["url"], data, created["upload"]["headers"])

    def content(self, document_id: str, subject: str = "asha") -> bytes:
        """Return the content of a document's file."""
        return self.files.files[f"documents/{subject}/{document_id}"][0]

    async def submit(self, **changes: Any) -> str:
        created = await self.create(**changes)
        assert self.upload(created)
        answer = await self.call("POST", f"{MINE}/{created['id']}/submit")
        assert answer.status_code == 200, answer.text
        return str(created["id"])

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
def desk(call: Caller, admin: Caller, files: FakeObjectStore, clock: FakeClock) -> Desk:
    return Desk(call, admin, files)


def has_valid(record: VerificationRecord, kind: DocumentKind, at: datetime) -> bool:
    return record.valid_until([frozenset({kind})], at) > at


def seed_staff(database: MemoryDatabase, *uids: str) -> None:
    for uid in uids:
        database.seed(f"merchants/mer_1/staff/{uid}", to_document(membership(uid)))


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
    async def test_a_new_document_comes_with_a_signed_upload(self, desk: Desk, clock: FakeClock) -> None:
        created = await desk.create()

        assert (created["state"], created["expires_on"]) == ("awaiting_upload", LAST_DAY)
        upload = created["upload"]
        assert upload["method"] == "PUT"
        assert upload["headers"]["content-type"] == "image/jpeg"
        assert upload["headers"]["x-goog-content-length-range"] == f"{len(JPEG)},{len(JPEG)}"
        assert upload["expires_at"] == (clock.now + timedelta(minutes=10)).isoformat().replace("+00:00", "Z")

    async def test_a_retry_gets_the_same_upload_and_creates_no_second_document(
        self, desk: Desk, call: Caller, database: MemoryDatabase
    ) -> None:
        answers = [await call("POST", MINE, LICENCE, key="once") for _ in range(2)]

        assert answers[0].json() == answers[1].json()
        assert len(database.collection("verification_documents")) == 1
        assert (await call("POST", MINE, LICENCE)).status_code == 400

    async def test_a_submitted_document_has_the_hash_of_its_file(
        self, desk: Desk, database: MemoryDatabase
    ) -> None:
        document_id = await desk.submit()

        stored = database.data(f"verification_documents/{document_id}")
        assert stored["state"] == "submitted"
        assert stored["sha256"] == hashlib.sha256(desk.content(document_id)).hexdigest()
        assert stored["due_at"] is None

    async def test_submitting_twice_changes_nothing(self, desk: Desk, call: Caller) -> None:
        document_id = await desk.submit()

        again = await call("POST", f"{MINE}/{document_id}/submit")
        assert (again.status_code, again.json()["state"]) == (200, "submitted")

    async def test_a_document_cannot_be_submitted_before_its_upload(self, desk: Desk, call: Caller) -> None:
        created = await desk.create()

        assert code(await call("POST", f"{MINE}/{created['id']}/submit")) == (409, "UPLOAD_MISSING")
        assert await desk.state(created["id"]) == "awaiting_upload"

    @pytest.mark.parametrize(
        "data", [head.ljust(len(JPEG), b"\0") for head in (b"<html>", b"%PDF-1.7", b"")], ids=len
    )
    async def test_a_file_of_another_type_than_declared_is_refused(
        self, desk: Desk, call: Caller, data: bytes
    ) -> None:
        created = await desk.create()
        assert desk.upload(created, data)

        assert code(await call("POST", f"{MINE}/{created['id']}/submit")) == (422, "FILE_NOT_AS_DECLARED")

    async def test_a_file_of_another_size_is_refused_even_if_the_store_accepted_it(
        self, desk: Desk, call: Caller, files: FakeObjectStore
    ) -> None:
        created = await desk.create()
        files.files[f"documents/asha/{created['id']}"] = JPEG + b"\0", 1

        assert code(await call("POST", f"{MINE}/{created['id']}/submit")) == (422, "FILE_NOT_AS_DECLARED")

    @pytest.mark.parametrize(
        ("content_type", "data", "becomes"),
        [
            ("image/jpeg", JPEG, "image/jpeg"),
            ("image/png", picture("PNG", 24, 16), "image/jpeg"),
            ("image/webp", picture("WEBP", 24, 16), "image/jpeg"),
            ("application/pdf", pdf(), "application/pdf"),
        ],
    )
    async def test_four_content_types_are_accepted_and_images_become_jpeg(
        self, desk: Desk, call: Caller, content_type: str, data: bytes, becomes: str
    ) -> None:
        created = await desk.create(content_type=content_type, size=len(data))
        assert desk.upload(created, data)

        shown = (await call("POST", f"{MINE}/{created['id']}/submit")).json()
        assert (shown["state"], shown["content_type"]) == ("submitted", becomes)
        assert shown["size"] == len(desk.content(created["id"]))

    async def test_an_unavailable_object_store_is_503_and_nothing_is_stored(
        self, desk: Desk, call: Caller, files: FakeObjectStore, database: MemoryDatabase
    ) -> None:
        files.down = 1
        answer = await call("POST", MINE, LICENCE, key="k")

        assert code(answer) == (503, "FILES_UNAVAILABLE")
        assert database.collection("verification_documents") == {}
        assert (await call("POST", MINE, LICENCE, key="k")).status_code == 201

    async def test_five_documents_can_be_pending_and_no_sixth_even_at_once(
        self, desk: Desk, call: Caller, database: MemoryDatabase
    ) -> None:
        answers = await asyncio.gather(
            *(call("POST", MINE, LICENCE, key=f"k{n}") for n in range(RULES.max_pending + 3))
        )

        assert sorted(answer.status_code for answer in answers) == [201] * RULES.max_pending + [409] * 3
        assert len(database.collection("verification_documents")) == RULES.max_pending

    @pytest.mark.parametrize("review", ["approve", "reject"])
    async def test_a_reviewed_document_is_no_longer_pending(self, desk: Desk, review: str) -> None:
        for _ in range(RULES.max_pending + 1):
            document_id = await desk.submit()
            answer = await desk.admin("POST", f"{ADMIN}/{document_id}/{review}", {"reason": "because"})
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
    async def test_an_invalid_document_is_422(
        self, desk: Desk, call: Caller, database: MemoryDatabase, change: dict[str, Any], refusal: str
    ) -> None:
        seed_staff(database, "asha", "ravi")
        assert code(await call("POST", MINE, {**LICENCE, **change}, key="k")) == (422, refusal)
        assert database.collection("verification_documents") == {}

    async def test_a_document_that_expires_today_in_india_is_accepted(self, desk: Desk) -> None:
        assert (await desk.create(expires_on="2026-11-20"))["state"] == "awaiting_upload"

    async def test_an_identity_document_needs_no_expiry_day(self, desk: Desk) -> None:
        assert (await desk.create(kind="identity", expires_on=None))["expires_on"] is None


class TestForeign:
    async def test_a_foreign_document_is_not_found(self, desk: Desk, call: Caller) -> None:
        document_id = await desk.submit()
        mallory = call.be("mallory")

        assert (await mallory("GET", f"{MINE}/{document_id}")).status_code == 404
        assert (await mallory("POST", f"{MINE}/{document_id}/submit")).status_code == 404
        assert (await mallory("GET", MINE)).json()["documents"] == []

    async def test_the_licence_of_a_merchant_is_visible_to_its_staff(
        self, desk: Desk, call: Caller, database: MemoryDatabase
    ) -> None:
        seed_staff(database, "asha", "ravi")
        document_id = await desk.submit(kind="food_licence", merchant_id="mer_1")

        listed = (await call.be("ravi")("GET", f"{MINE}?merchant_id=mer_1")).json()["documents"]
        assert [document["id"] for document in listed] == [document_id]
        assert (await call.be("ravi")("GET", f"{MINE}/{document_id}")).status_code == 200
        mallory = call.be("mallory")
        assert code(await mallory("GET", f"{MINE}?merchant_id=mer_1")) == (404, "MERCHANT_NOT_FOUND")
        foreign = {**LICENCE, "kind": "food_licence", "merchant_id": "mer_1"}
        assert code(await mallory("POST", MINE, foreign, key="k")) == (404, "MERCHANT_NOT_FOUND")
        unknown = {**foreign, "merchant_id": "mer_2"}
        assert code(await call("POST", MINE, unknown, key="k")) == (404, "MERCHANT_NOT_FOUND")
        assert (await mallory("GET", f"{MINE}/{document_id}")).status_code == 404

    async def test_a_former_employee_does_not_see_the_licence(
        self, desk: Desk, call: Caller, database: MemoryDatabase
    ) -> None:
        seed_staff(database, "asha", "ravi")
        document_id = await desk.submit(kind="food_licence", merchant_id="mer_1")
        database.docs.pop("merchants/mer_1/staff/asha")

        assert (await call("GET", f"{MINE}/{document_id}")).status_code == 404

    @pytest.mark.parametrize("uid", ["asha", "mallory"])
    async def test_only_admins_review(self, desk: Desk, call: Caller, uid: str) -> None:
        document_id = await desk.submit()
        caller = call.be(uid)

        for method, path in (("GET", ""), ("GET", f"/{document_id}"), ("POST", f"/{document_id}/approve")):
            assert (await caller(method, f"{ADMIN}{path}")).status_code == 403
        reason = {"reason": "no"}
        assert (await caller("POST", f"{ADMIN}/{document_id}/reject", reason)).status_code == 403
        assert await desk.state(document_id) == "submitted"


class TestReview:
    async def test_an_admin_lists_reads_and_approves(
        self, desk: Desk, admin: Caller, files: FakeObjectStore, database: MemoryDatabase, bus: MemoryBus
    ) -> None:
        document_id = await desk.submit()

        [waiting] = (await admin("GET", ADMIN)).json()["documents"]
        seen = (await admin("GET", f"{ADMIN}/{waiting['id']}")).json()
        assert files.get(seen["file_url"]) == desk.content(document_id) != JPEG
        assert seen["sha256"] == hashlib.sha256(desk.content(document_id)).hexdigest()
        approved = await admin("POST", f"{ADMIN}/{document_id}/approve")

        assert approved.json()["state"] == "approved"
        assert (await admin("GET", ADMIN)).json()["documents"] == []
        actions = sorted(entry["action"] for entry in database.collection("audit").values())
        assert actions == ["document_approved", "document_read"]
        [event] = bus.fields("document_approved")
        assert (event["subject_id"], event["kind"], event["owner_id"]) == ("asha", "driving_licence", "asha")

    async def test_an_approved_document_counts_until_the_end_of_its_expiry_day(
        self, desk: Desk, database: MemoryDatabase, clock: FakeClock
    ) -> None:
        await desk.approve()

        record = RECORDS.parse(database.data("verification_records/asha"))
        end = end_of(clock.now.date().fromisoformat(LAST_DAY))
        assert end.isoformat() == "2027-07-01T00:00:00+05:30"
        assert has_valid(record, DocumentKind.DRIVING_LICENCE, clock.now)
        assert has_valid(record, DocumentKind.DRIVING_LICENCE, end - timedelta(seconds=1))
        assert not has_valid(record, DocumentKind.DRIVING_LICENCE, end)
        assert not has_valid(record, DocumentKind.IDENTITY, clock.now)

    async def test_the_owner_reads_the_reason_of_a_rejection(
        self, desk: Desk, call: Caller, bus: MemoryBus
    ) -> None:
        document_id = await desk.submit()

        await desk.admin("POST", f"{ADMIN}/{document_id}/reject", {"reason": "Blurred"})

        seen = (await call("GET", f"{MINE}/{document_id}")).json()
        assert (seen["state"], seen["reason"]) == ("rejected", "Blurred")
        [event] = bus.fields("document_rejected")
        assert "Blurred" not in str(event)

    async def test_a_revoked_document_does_not_count(
        self, desk: Desk, database: MemoryDatabase, clock: FakeClock
    ) -> None:
        document_id = await desk.approve()

        await desk.admin("POST", f"{ADMIN}/{document_id}/reject", {"reason": "Forged"})

        record = RECORDS.parse(database.data("verification_records/asha"))
        assert not has_valid(record, DocumentKind.DRIVING_LICENCE, clock.now)

    async def test_of_two_licences_the_remaining_one_counts(
        self, desk: Desk, database: MemoryDatabase, clock: FakeClock
    ) -> None:
        old, _ = await desk.approve(), await desk.approve(expires_on="2030-01-01")

        await desk.admin("POST", f"{ADMIN}/{old}/reject", {"reason": "Replaced"})

        record = RECORDS.parse(database.data("verification_records/asha"))
        assert has_valid(record, DocumentKind.DRIVING_LICENCE, clock.now + timedelta(days=700))

    async def test_a_repeated_approval_is_one_action(
        self, desk: Desk, database: MemoryDatabase, bus: MemoryBus
    ) -> None:
        document_id = await desk.submit()

        answers = await asyncio.gather(
            *(desk.admin("POST", f"{ADMIN}/{document_id}/approve") for _ in range(4))
        )

        assert {answer.status_code for answer in answers} == {200}
        assert len(database.collection("audit")) == 1
        assert bus.names().count("document_approved") == 1
        assert len(RECORDS.parse(database.data("verification_records/asha")).approved) == 1

    async def test_after_a_simultaneous_approval_and_rejection_the_record_shows_the_last_one(
        self, desk: Desk, database: MemoryDatabase
    ) -> None:
        document_id = await desk.submit()

        answers = await asyncio.gather(
            desk.admin("POST", f"{ADMIN}/{document_id}/approve"),
            desk.admin("POST", f"{ADMIN}/{document_id}/reject", {"reason": "no"}),
        )

        assert {answer.status_code for answer in answers} <= {200, 409}
        assert await desk.state(document_id) == "rejected"
        assert RECORDS.parse(database.data("verification_records/asha")).approved == ()

    async def test_a_document_that_was_not_submitted_cannot_be_reviewed(self, desk: Desk) -> None:
        created = await desk.create()
        desk.upload(created)

        answer = await desk.admin("POST", f"{ADMIN}/{created['id']}/approve")
        assert code(answer) == (409, "ILLEGAL_DOCUMENT_TRANSITION")
        assert (await desk.admin("GET", f"{ADMIN}/{created['id']}")).json()["file_url"] == ""

    async def test_a_document_that_expired_before_its_review_cannot_be_approved(
        self, desk: Desk, clock: FakeClock
    ) -> None:
        document_id = await desk.submit(expires_on="2026-11-21")
        clock.wait(3 * 86_400)

        answer = await desk.admin("POST", f"{ADMIN}/{document_id}/approve")
        assert code(answer) == (409, "DOCUMENT_OUT_OF_DATE")

    async def test_an_admin_cannot_review_their_own_document(
        self, desk: Desk, database: MemoryDatabase
    ) -> None:
        document_id = await desk.submit()
        seed_operator(database, "asha")

        answer = await desk.call("POST", f"{ADMIN}/{document_id}/approve")
        assert code(answer) == (403, "OWN_DOCUMENT")

    @pytest.mark.parametrize("review", ["approve", "reject"])
    async def test_an_admin_cannot_review_a_licence_of_a_merchant_that_they_work_for(
        self, desk: Desk, database: MemoryDatabase, review: str
    ) -> None:
        seed_staff(database, "asha", "ravi")
        document_id = await desk.submit(kind="food_licence", merchant_id="mer_1")
        seed_operator(database, "ravi")

        body = {"reason": "no"} if review == "reject" else None
        answer = await desk.call.be("ravi")("POST", f"{ADMIN}/{document_id}/{review}", body)
        assert code(answer) == (403, "OWN_DOCUMENT")
        assert (await desk.admin("POST", f"{ADMIN}/{document_id}/{review}", body)).status_code == 200

    async def test_a_rejection_that_was_made_before_is_refused_with_another_reason(self, desk: Desk) -> None:
        document_id = await desk.submit()
        path = f"{ADMIN}/{document_id}/reject"
        for _ in range(2):
            assert (await desk.admin("POST", path, {"reason": "blurred"})).status_code == 200
        again = await desk.admin("POST", path, {"reason": "expired"})
        assert code(again) == (409, "ALREADY_DECIDED")

    async def test_a_review_that_comes_again_late_with_its_key_undoes_no_later_one(self, desk: Desk) -> None:
        document_id = await desk.submit()
        path, body = f"{ADMIN}/{document_id}", {"reason": "blurred"}
        first = await desk.admin("POST", f"{path}/approve", key="k")
        await desk.admin("POST", f"{path}/reject", body)
        again = await desk.admin("POST", f"{path}/approve", key="k")
        assert (again.status_code, again.json()) == (200, first.json())
        assert (await desk.admin("GET", path)).json()["state"] == "rejected"

        await desk.admin("POST", f"{path}/reject", body, key="r")
        for review, key in (("approve", "k"), ("reject", "r")):
            other = await desk.admin("POST", f"{path}/{review}", {"reason": "expired"}, key=key)
            assert code(other) == (422, "IDEMPOTENCY_KEY_REUSED")

    async def test_an_unknown_document_is_404(self, admin: Caller) -> None:
        assert (await admin("GET", f"{ADMIN}/doc_x")).status_code == 404
        assert (await admin("POST", f"{ADMIN}/doc_x/approve")).status_code == 404
        answer = await admin("POST", f"{ADMIN}/doc_x/reject", {"reason": "no"})
        assert answer.status_code == 404

    @pytest.mark.parametrize(
        "body", [{}, {"reason": ""}, {"reason": "x" * 201}, {"reason": 7}, None], ids=str
    )
    async def test_a_rejection_needs_a_reason(self, admin: Caller, body: Any) -> None:
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


class TestSweep:
    async def _sweep(
        self,
        store: FirestoreVerification,
        files: FakeObjectStore,
        clock: FakeClock,
        limits: Limits = DEFAULT_LIMITS,
    ) -> BatchResult:
        return await sweep_documents(store=store, objects=files, batch=Batch(clock=clock, limits=limits))

    async def test_a_document_expires_at_once_and_the_sweep_publishes_it_once(
        self,
        desk: Desk,
        store: FirestoreVerification,
        files: FakeObjectStore,
        clock: FakeClock,
        bus: MemoryBus,
    ) -> None:
        document_id = await desk.approve(expires_on="2026-11-21")
        clock.wait(2 * 86_400)
        assert await desk.state(document_id) == "expired"

        first = await self._sweep(store, files, clock)
        again = await self._sweep(store, files, clock)

        assert (first.done, again.seen) == (1, 0)
        assert bus.names().count("document_expired") == 1
        assert (await store.find(document_id, "asha"))[0].state is DocumentState.EXPIRED  # type: ignore[union-attr]

    async def test_the_owner_is_reminded_once_two_weeks_before_the_expiry(
        self,
        desk: Desk,
        store: FirestoreVerification,
        files: FakeObjectStore,
        clock: FakeClock,
        bus: MemoryBus,
    ) -> None:
        await desk.approve(expires_on="2026-12-31")
        clock.now = (
            end_of(clock.now.date().replace(month=12, day=31)) - RULES.expiry_notice - timedelta(seconds=1)
        )
        assert (await self._sweep(store, files, clock)).seen == 0
        clock.wait(1)

        assert (await self._sweep(store, files, clock)).done == 1
        assert (await self._sweep(store, files, clock)).seen == 0
        assert bus.names().count("document_expiring") == 1

    async def test_a_document_without_expiry_is_never_due(
        self, desk: Desk, store: FirestoreVerification, files: FakeObjectStore, clock: FakeClock
    ) -> None:
        document_id = await desk.approve(kind="identity", expires_on=None)
        clock.wait(60 * 365 * 86_400)

        assert (await self._sweep(store, files, clock)).seen == 0
        assert await desk.state(document_id) == "approved"

    async def test_abandoned_documents_are_deleted_and_no_longer_pending(
        self,
        desk: Desk,
        store: FirestoreVerification,
        files: FakeObjectStore,
        clock: FakeClock,
        database: MemoryDatabase,
    ) -> None:
        for _ in range(RULES.max_pending):
            created = await desk.create()
        desk.upload(created)
        clock.wait(RULES.upload_deadline.total_seconds())

        assert (await self._sweep(store, files, clock)).done == RULES.max_pending
        assert database.collection("verification_documents") == {}
        assert files.files == {}
        await desk.create()

    async def test_a_document_stays_while_its_file_cannot_be_deleted(
        self,
        desk: Desk,
        store: FirestoreVerification,
        files: FakeObjectStore,
        clock: FakeClock,
        database: MemoryDatabase,
    ) -> None:
        created = await desk.create()
        desk.upload(created)
        clock.wait(RULES.upload_deadline.total_seconds())
        files.down = 1

        first = await self._sweep(store, files, clock)
        assert (first.failed, await desk.state(created["id"])) == (1, "abandoned")
        late = await desk.call("POST", f"{MINE}/{created['id']}/submit")
        assert code(late) == (409, "ILLEGAL_DOCUMENT_TRANSITION")
        assert (await self._sweep(store, files, clock)).done == 1
        assert (files.files, database.collection("verification_documents")) == ({}, {})

    async def test_an_unreadable_record_does_not_stop_the_sweep(
        self,
        desk: Desk,
        store: FirestoreVerification,
        files: FakeObjectStore,
        clock: FakeClock,
        database: MemoryDatabase,
    ) -> None:
        await desk.approve(expires_on="2026-11-21")
        database.seed("verification_records/asha", {"subject_id": "asha", "approved": "all of them"})
        ravi = Desk(desk.call.be("ravi"), desk.admin, files)
        document_id = await ravi.approve(expires_on="2026-11-21")
        clock.wait(2 * 86_400)

        result = await self._sweep(store, files, clock)
        assert (result.failed, result.done) == (1, 1)
        assert (await store.find(document_id, "asha"))[0].state is DocumentState.EXPIRED  # type: ignore[union-attr]

    async def test_a_document_that_always_fails_does_not_hide_those_behind_it(
        self,
        desk: Desk,
        store: FirestoreVerification,
        files: FakeObjectStore,
        clock: FakeClock,
        database: MemoryDatabase,
    ) -> None:
        for _ in range(3):
            await desk.approve(expires_on="2026-11-21")
        path, long_ago = (
            f"verification_documents/{next(iter(database.collection('verification_documents')))}",
            datetime(2026, 1, 1, tzinfo=UTC),
        )
        database.seed(path, database.data(path) | {"subject_id": "mallory", "due_at": long_ago})
        database.seed("verification_records/mallory", {"subject_id": 7})
        clock.wait(2 * 86_400)

        result = await self._sweep(store, files, clock, Limits(page_size=2))
        assert (result.seen, result.failed, result.done) == (3, 1, 2)

    async def test_two_simultaneous_sweeps_do_everything_once(
        self,
        desk: Desk,
        store: FirestoreVerification,
        files: FakeObjectStore,
        clock: FakeClock,
        bus: MemoryBus,
    ) -> None:
        for _ in range(3):
            await desk.approve(expires_on="2026-11-21")
        clock.wait(2 * 86_400)

        await asyncio.gather(*(self._sweep(store, files, clock) for _ in range(2)))

        assert bus.names().count("document_expired") == 3

    async def test_a_submission_during_a_sweep_either_succeeds_or_is_refused(
        self,
        desk: Desk,
        store: FirestoreVerification,
        files: FakeObjectStore,
        clock: FakeClock,
        database: MemoryDatabase,
    ) -> None:
        created = await desk.create()
        desk.upload(created)
        clock.wait(RULES.upload_deadline.total_seconds())

        answer, _ = await asyncio.gather(
            desk.call("POST", f"{MINE}/{created['id']}/submit"), self._sweep(store, files, clock)
        )

        kept = created["id"] in database.collection("verification_documents")
        assert (answer.status_code == 200) is kept
        assert bool(files.files) is kept


def test_every_state_is_reachable_and_final_states_have_no_exit() -> None:
    into = {move.target for move in TRANSITIONS}
    out = {move.source for move in TRANSITIONS}
    assert into == set(DocumentState) - {DocumentState.AWAITING_UPLOAD}
    ends = {DocumentState.REJECTED, DocumentState.EXPIRED, DocumentState.ABANDONED}
    assert set(DocumentState) - out == ends
