"""One suite for the stores of papers, and for who may drive or sell: every database alike."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from shared.adapters.firestore.licences import FirestoreDriverPapers, FirestoreLicences
from shared.adapters.firestore.verification import FirestorePapers
from shared.kernel.idempotency import AlreadyAnswered
from shared.kernel.order import Business
from shared.verification.audit import AdminAction
from shared.verification.days import end_of
from shared.verification.domain import (
    Document,
    DocumentKind,
    DocumentState,
    Filed,
    Papers,
    Shop,
    Subject,
    SubjectKind,
    Wish,
)
from shared.verification.files import StoredFile
from shared.verification.lifecycle import approved, cleared, drafted, submitted, swept
from tests.builders import NOW
from tests.contract.stores import Ground, idempotency

pytestmark = [pytest.mark.mission("A6", "A7")]

HEAD = b"%PDF-1.7"
LAST_DAY = (NOW + timedelta(days=30)).date()
ACTION = AdminAction("aud_1", "adele", "", NOW)
ASHA = Subject("asha")


@pytest.fixture
def papers(ground: Ground) -> FirestorePapers:
    return FirestorePapers(ground.documents)


async def draft(
    papers: FirestorePapers,
    name: str = "doc_1",
    kind: DocumentKind = DocumentKind.DRIVING_LICENCE,
    subject: Subject = ASHA,
) -> Document:
    wish = Wish(kind, LAST_DAY, "application/pdf", len(HEAD))

    def decide(_: Shop | None, held: Papers | None) -> Filed:
        return drafted(wish, name, subject, "asha", held, NOW)

    return await papers.add(name, subject, decide, None)


async def approve(papers: FirestorePapers, document: Document, audit: str = "aud_1") -> Document | None:
    file = StoredFile(len(HEAD), "7", "f" * 64, HEAD, content=HEAD)
    action = AdminAction(audit, ACTION.admin_id, "", NOW)

    def hand_in(stored: Document | None, _: Shop | None, held: Papers) -> Filed:
        assert stored is not None
        return Filed(submitted(stored, file, NOW), held)

    await papers.change(document, hand_in)
    return await papers.change(document, lambda stored, shop, held: approved(stored, shop, held, action))


async def test_a_document_goes_its_way_with_its_subjects_papers_and_the_audit(
    ground: Ground, papers: FirestorePapers
) -> None:
    document = await draft(papers)
    assert await papers.find("doc_1") == (document, None)
    assert ((await ground.data("papers/asha")) or {})["pending"] == ["doc_1"]

    done = await approve(papers, document)

    assert done is not None
    assert (done.state, done.sha256, done.generation) == (DocumentState.APPROVED, "f" * 64, "7")
    assert await ground.ids("audit") == ["aud_1"]
    assert ground.bus.names() == ["document_approved"]
    assert await papers.find("doc_1") == (done, None)


async def test_documents_are_found_by_subject_by_state_and_by_what_is_due(papers: FirestorePapers) -> None:
    first, second = await draft(papers, "doc_1"), await draft(papers, "doc_2")
    await draft(papers, "doc_3", subject=Subject("ravi"))
    done = await approve(papers, first)
    assert done is not None

    assert [found.id for found in await papers.of("asha", 10, None)] == ["doc_2", "doc_1"]
    assert [found.id for found in await papers.of("asha", 10, (NOW, "doc_2"))] == ["doc_1"]
    waiting = await papers.standing(DocumentState.AWAITING_UPLOAD, 10, None)
    assert [found.id for found in waiting] == ["doc_2", "doc_3"]
    assert await papers.standing(DocumentState.AWAITING_UPLOAD, 10, (NOW, "doc_3")) == []
    assert await papers.due(NOW, 10) == []
    due = await papers.due(NOW + timedelta(days=400), 10)
    assert {found.id for found in due} == {"doc_1", "doc_2", "doc_3"}
    assert second in due


async def test_drafts_at_once_are_all_in_their_subjects_papers(
    ground: Ground, papers: FirestorePapers
) -> None:
    await asyncio.gather(*(draft(papers, f"doc_{number}") for number in range(4)))
    assert sorted(((await ground.data("papers/asha")) or {})["pending"]) == [f"doc_{n}" for n in range(4)]


async def test_what_is_given_up_waits_for_nothing_and_then_is_gone(
    ground: Ground, papers: FirestorePapers
) -> None:
    document = await draft(papers)
    later = NOW + timedelta(days=2)
    for _ in range(2):
        given_up = await papers.change(document, lambda stored, _, held: swept(stored, held, later))
        assert given_up is not None
        assert given_up.state is DocumentState.ABANDONED
        assert ((await ground.data("papers/asha")) or {})["pending"] == []
        assert [found.id for found in await papers.due(later, 10)] == ["doc_1"]
    for _ in range(2):
        assert await papers.change(document, lambda stored, _, held: cleared(stored, held)) is None
        assert await ground.ids("documents") == []


async def test_a_document_that_cannot_be_read_hides_no_other(ground: Ground, papers: FirestorePapers) -> None:
    for number in range(3):
        await ground.put(
            f"documents/bad_{number}",
            {
                "id": f"bad_{number}",
                "subject_id": "asha",
                "state": "awaiting_upload",
                "created_at": NOW - timedelta(hours=number),
                "due_at": NOW - timedelta(hours=number),
            },
        )
    await draft(papers)
    later = NOW + timedelta(days=2)

    for found in (
        await papers.of("asha", 1, None),
        await papers.standing(DocumentState.AWAITING_UPLOAD, 1, None),
        await papers.due(later, 1),
    ):
        assert [one.id for one in found] == ["doc_1"]


async def test_one_key_drafts_one_document(ground: Ground, papers: FirestorePapers) -> None:
    request = idempotency(lambda document: {"id": document.id})
    wish = Wish(DocumentKind.IDENTITY, None, "application/pdf", 8)

    def decide(_: Shop | None, held: Papers | None) -> Filed:
        return drafted(wish, "doc_1", ASHA, "asha", held, NOW)

    await papers.add("doc_1", ASHA, decide, request)
    with pytest.raises(AlreadyAnswered):
        await papers.add("doc_2", ASHA, decide, request)
    assert await ground.ids("documents") == ["doc_1"]


async def test_a_merchants_document_comes_with_the_merchant(ground: Ground, papers: FirestorePapers) -> None:
    await ground.put("merchants/mer_1", {"id": "mer_1", "staff": ["asha"], "name": "Dosa Corner"})
    subject = Subject("mer_1", SubjectKind.MERCHANT)
    document = await draft(papers, kind=DocumentKind.FOOD_LICENCE, subject=subject)

    assert await papers.find("doc_1") == (document, Shop("mer_1", ("asha",)))
    assert await papers.shop("mer_2") is None


async def test_who_may_drive_or_sell_is_told_by_their_papers(ground: Ground, papers: FirestorePapers) -> None:
    drivers = FirestoreDriverPapers(ground.database, required=True)
    licences = FirestoreLicences(ground.database, required=True)
    await approve(papers, await draft(papers))
    assert await drivers.valid_until("asha", NOW) == NOW
    await approve(papers, await draft(papers, "doc_2", DocumentKind.IDENTITY), "aud_2")
    shop = Subject("mer_1", SubjectKind.MERCHANT)
    licence = await draft(papers, "doc_3", DocumentKind.FOOD_LICENCE, shop)
    await papers.change(licence, lambda stored, _, held: Filed(stored, held))
    assert await licences.valid_until("mer_1", Business.FOOD, NOW) == NOW

    assert await drivers.valid_until("asha", NOW) == end_of(LAST_DAY)
    assert await drivers.valid_until("nobody", NOW) == NOW
    relaxed = FirestoreDriverPapers(ground.database, required=False)
    assert await relaxed.valid_until("nobody", NOW) is None
