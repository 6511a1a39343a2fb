"""One contract suite for `VerificationStore`, `DriverDocuments` and `Licences`, against every database."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from shared.adapters.firestore.codec import to_document
from shared.adapters.firestore.licences import FirestoreDriverDocuments, FirestoreLicences
from shared.adapters.firestore.verification import FirestoreVerification
from shared.dispatch.drivers import Driver
from shared.dispatch.ports import RequiredDocument
from shared.kernel.decision import Decision
from shared.kernel.idempotency import AlreadyAnswered
from shared.kernel.order import Business
from shared.kernel.vehicle import DriverDocument, Vehicle
from shared.verification.audit import AdminAction
from shared.verification.days import end_of
from shared.verification.domain import (
    DocumentKind,
    DocumentState,
    Subject,
    SubjectKind,
    UploadRequest,
    Verification,
    VerificationDocument,
    VerificationRecord,
    VerificationRules,
)
from shared.verification.expiry import SweepStep, delete_abandoned, sweep
from shared.verification.files import StoredFile
from shared.verification.requirements import RequirementPolicy
from shared.verification.review import approve
from shared.verification.submission import new_document, submit
from tests.builders import NOW, membership
from tests.contract.stores import Ground, idempotency

pytestmark = [pytest.mark.mission("A6", "A7")]

HEAD = b"%PDF-1.7"
LAST_DAY = (NOW + timedelta(days=30)).date()
RULES = VerificationRules()
NewDocument = Callable[[bool, VerificationRecord | None], Decision[Verification, VerificationDocument]]
ASHA = Subject("asha")


@pytest.fixture
def store(ground: Ground) -> FirestoreVerification:
    return FirestoreVerification(ground.documents)


async def create(
    store: FirestoreVerification,
    name: str = "doc_1",
    kind: DocumentKind = DocumentKind.DRIVING_LICENCE,
    subject: Subject = ASHA,
) -> VerificationDocument:
    return await store.create(name, subject, "asha", _new(name, kind, subject), None)


def _new(name: str, kind: DocumentKind, subject: Subject) -> NewDocument:
    upload = UploadRequest(kind, LAST_DAY, "application/pdf", len(HEAD))
    return lambda _, record: new_document(upload, name, subject, "asha", record, NOW, RULES)


async def submit_and_approve(
    store: FirestoreVerification, document: VerificationDocument, audit: str = "aud_1"
) -> VerificationDocument:
    file = StoredFile(len(HEAD), "7", "f" * 64, HEAD, content=HEAD)
    action = AdminAction(audit, "adele", "", NOW)

    def submitted(
        stored: VerificationDocument | None, _: bool, record: VerificationRecord
    ) -> Decision[Verification, VerificationDocument]:
        assert stored is not None
        return submit(stored, record, file, NOW)

    await store.change(document, "asha", submitted)
    return await store.change(
        document,
        "adele",
        lambda stored, is_staff, record: approve(stored, is_staff, record, action, RULES),
    )


async def test_a_document_is_stored_with_the_record_of_its_subject_and_the_audit_log(
    ground: Ground, store: FirestoreVerification
) -> None:
    document = await create(store)
    assert await store.find("doc_1", "asha") == (document, False)
    assert ((await ground.data("verification_records/asha")) or {})["pending"] == ["doc_1"]

    done = await submit_and_approve(store, document)

    assert (done.state, done.sha256, done.generation) == (DocumentState.APPROVED, "f" * 64, "7")
    assert await ground.ids("audit") == ["aud_1"]
    assert ground.bus.names() == ["document_approved"]
    assert await store.find("doc_1", "asha") == (done, False)


async def test_documents_are_listed_by_subject_by_state_and_by_due_time(
    store: FirestoreVerification,
) -> None:
    first, second = await create(store, "doc_1"), await create(store, "doc_2")
    await create(store, "doc_3", subject=Subject("ravi"))
    await submit_and_approve(store, first)

    assert [found.id for found in await store.of_subject("asha", 10, None)] == ["doc_2", "doc_1"]
    assert [found.id for found in await store.of_subject("asha", 10, (NOW, "doc_2"))] == ["doc_1"]
    waiting = await store.in_state(DocumentState.AWAITING_UPLOAD, 10, None)
    assert [found.id for found in waiting] == ["doc_2", "doc_3"]
    assert await store.in_state(DocumentState.AWAITING_UPLOAD, 10, (NOW, "doc_3")) == []
    assert (await store.due(NOW, 10)).items == []
    due = (await store.due(NOW + timedelta(days=400), 10)).items
    assert {found.id for found in due} == {"doc_1", "doc_2", "doc_3"}
    assert second in due


async def test_simultaneous_new_documents_are_all_in_the_record(
    ground: Ground, store: FirestoreVerification
) -> None:
    await asyncio.gather(*(create(store, f"doc_{number}") for number in range(4)))
    assert sorted(((await ground.data("verification_records/asha")) or {})["pending"]) == [
        f"doc_{n}" for n in range(4)
    ]


async def test_an_abandoned_document_is_no_longer_pending_and_can_be_deleted(
    ground: Ground, store: FirestoreVerification
) -> None:
    document = await create(store)
    later = NOW + timedelta(days=2)
    for _ in range(2):
        step = await store.change(document, "system", lambda stored, _, record: sweep(stored, record, later))
        assert step is SweepStep.ABANDONED
        found, _ = await store.find("doc_1", "asha")
        assert found is not None
        assert found.state is DocumentState.ABANDONED
        assert ((await ground.data("verification_records/asha")) or {})["pending"] == []
        assert [found.id for found in (await store.due(later, 10)).items] == ["doc_1"]
    for _ in range(2):
        await store.change(document, "system", lambda stored, _, record: delete_abandoned(stored, record))
        assert await ground.ids("verification_documents") == []


async def test_an_unreadable_document_hides_no_other(ground: Ground, store: FirestoreVerification) -> None:
    for number in range(3):
        await ground.put(
            f"verification_documents/bad_{number}",
            {
                "id": f"bad_{number}",
                "subject_id": "asha",
                "state": "awaiting_upload",
                "created_at": NOW - timedelta(hours=number),
                "due_at": NOW - timedelta(hours=number),
            },
        )
    await create(store)
    later = NOW + timedelta(days=2)

    for found in (
        await store.of_subject("asha", 1, None),
        await store.in_state(DocumentState.AWAITING_UPLOAD, 1, None),
    ):
        assert [one.id for one in found] == ["doc_1"]
    assert await due_page_by_page(store, later) == ["doc_1"]


async def due_page_by_page(store: FirestoreVerification, now: datetime) -> list[str]:
    page, found = await store.due(now, 1), list[str]()
    while page.next is not None:
        found += [document.id for document in page.items]
        page = await store.due(now, 1, page.next)
    return found + [document.id for document in page.items]


async def test_one_idempotency_key_creates_one_document(ground: Ground, store: FirestoreVerification) -> None:
    request = idempotency(lambda document: {"id": document.id})
    decide = _new("doc_1", DocumentKind.IDENTITY, ASHA)
    await store.create("doc_1", ASHA, "asha", decide, request)
    with pytest.raises(AlreadyAnswered):
        await store.create("doc_2", ASHA, "asha", decide, request)
    assert await ground.ids("verification_documents") == ["doc_1"]


def _membership(
    stored: VerificationDocument | None, is_staff: bool, record: VerificationRecord
) -> Decision[Verification, bool]:
    return Decision(Verification(stored, record), (), is_staff)


async def test_the_document_of_a_merchant_is_found_with_the_membership_of_the_person(
    ground: Ground, store: FirestoreVerification
) -> None:
    await ground.put("merchants/mer_1/staff/asha", membership("asha"))
    subject = Subject("mer_1", SubjectKind.MERCHANT)
    document = await create(store, kind=DocumentKind.FOOD_LICENCE, subject=subject)

    assert await store.find("doc_1", "asha") == (document, True)
    assert await store.find("doc_1", "mallory") == (document, False)
    assert not await store.is_staff("mer_2", "asha")
    assert await store.change(document, "asha", _membership)
    assert not await store.change(document, "mallory", _membership)


async def test_the_record_says_until_when_requirements_are_met(
    ground: Ground, store: FirestoreVerification
) -> None:
    drivers = FirestoreDriverDocuments(ground.database, RequirementPolicy())
    licences = FirestoreLicences(ground.database, RequirementPolicy())
    asha = Driver("asha", "Asha", Vehicle.SCOOTER)
    await ground.put("drivers/asha", to_document(asha))
    await submit_and_approve(store, await create(store))
    assert await drivers.valid_until("asha", NOW) == NOW
    others = (DocumentKind.IDENTITY, DocumentKind.INSURANCE, DocumentKind.VEHICLE_REGISTRATION)
    for number, kind in enumerate(others):
        await submit_and_approve(store, await create(store, f"doc_1{number}", kind), f"aud_1{number}")
    shop = Subject("mer_1", SubjectKind.MERCHANT)
    licence = await create(store, "doc_3", DocumentKind.FOOD_LICENCE, shop)
    await store.change(licence, "system", lambda stored, _, record: delete_abandoned(stored, record))
    assert await licences.valid_until("mer_1", Business.FOOD, NOW) == NOW

    assert await drivers.valid_until("asha", NOW) == end_of(LAST_DAY)
    assert await drivers.required(asha, NOW) == [
        RequiredDocument(kind, True, end_of(LAST_DAY)) for kind in sorted(DriverDocument)
    ]
    assert await drivers.required(replace(asha, id="bala", vehicle=Vehicle.BICYCLE), NOW) == [
        RequiredDocument(DriverDocument.IDENTITY, False, None)
    ]
    assert await drivers.valid_until("unknown", NOW) == NOW
    relaxed = FirestoreDriverDocuments(ground.database, RequirementPolicy(False))
    assert await relaxed.valid_until("unknown", NOW) is None
    assert await relaxed.required(asha, NOW) == ()
