"""Papers in Firestore: `documents/{id}`, and `papers/{subject}`, where one read tells what counts now."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from shared.adapters.firestore.change import Docs, DocumentStore, Writes
from shared.adapters.firestore.codec import Collection, DocumentWrite
from shared.adapters.firestore.database import Query
from shared.adapters.firestore.pages import full_page
from shared.kernel.decision import Decision
from shared.kernel.idempotency import IdempotentRequest
from shared.verification.audit import AuditEntry
from shared.verification.domain import Document, DocumentState, Filed, Papers, Shop, Subject, SubjectKind
from shared.verification.ports import After

DOCUMENTS = Collection("documents", Document)
AUDIT = Collection("audit", AuditEntry)
PAPERS = Collection("papers", Papers)
SHOPS = Collection("merchants", Shop)


class FirestorePapers:
    """`PaperStore`."""

    def __init__(self, store: DocumentStore) -> None:
        self._store = store

    async def find(self, document_id: str) -> tuple[Document | None, Shop | None]:
        """See `PaperStore.find`; a merchant's document costs a second read."""
        read = self._store.database.get_all
        document = DOCUMENTS.find(await read([DOCUMENTS.path(document_id)]), document_id)
        if document is None or document.subject_kind is SubjectKind.PERSON:
            return document, None
        return document, await self.shop(document.subject_id)

    async def shop(self, merchant_id: str) -> Shop | None:
        """See `PaperStore.shop`."""
        return SHOPS.find(await self._store.database.get_all([SHOPS.path(merchant_id)]), merchant_id)

    async def of(self, subject_id: str, limit: int, after: After | None) -> Sequence[Document]:
        """See `PaperStore.of`, index (subject_id, created_at descending, id descending)."""
        query = Query(
            DOCUMENTS.name,
            where=(("subject_id", "==", subject_id),),
            order_by=("-created_at", "-id"),
            limit=limit,
            start_after=after or (),
        )
        return await full_page(self._store.database, DOCUMENTS, query)

    async def standing(self, state: DocumentState, limit: int, after: After | None) -> Sequence[Document]:
        """See `PaperStore.standing`, index (state, created_at, id)."""
        query = Query(
            DOCUMENTS.name,
            where=(("state", "==", state.value),),
            order_by=("created_at", "id"),
            limit=limit,
            start_after=after or (),
        )
        return await full_page(self._store.database, DOCUMENTS, query)

    async def due(self, now: datetime, limit: int) -> Sequence[Document]:
        """See `PaperStore.due`; what is never due has no time and is not found."""
        query = Query(DOCUMENTS.name, where=(("due_at", "<=", now),), order_by=("due_at",), limit=limit)
        return await full_page(self._store.database, DOCUMENTS, query)

    async def add(
        self,
        document_id: str,
        subject: Subject,
        decide: Callable[[Shop | None, Papers | None], Filed],
        idempotency: IdempotentRequest | None,
    ) -> Document:
        """See `PaperStore.add`. The subject's papers are written each time, which bounds them."""

        def decide_docs(docs: Docs) -> Decision[Writes, Document]:
            filed = decide(_shop(docs, subject), PAPERS.find(docs, subject.id))
            document = filed.document
            assert document is not None  # noqa: S101 - a draft is a document
            writes = [DOCUMENTS.create(document.id, document), *_papers(docs, filed.papers)]
            return Decision(writes, list(filed.events), document)

        paths = [DOCUMENTS.path(document_id), *_around(subject)]
        return await self._store.change(paths, decide_docs, idempotency)

    async def change(
        self, known: Document, decide: Callable[[Document | None, Shop | None, Papers], Filed]
    ) -> Document | None:
        """See `PaperStore.change`. Whose paper it is never changes, hence `known`."""
        subject = known.subject

        def decide_docs(docs: Docs) -> Decision[Writes, Document | None]:
            before = DOCUMENTS.find(docs, known.id)
            held = PAPERS.find(docs, subject.id) or Papers(subject.id)
            filed = decide(before, _shop(docs, subject), held)
            writes = [*_document(before, filed.document), *_papers(docs, filed.papers)]
            if filed.entry:
                writes.append(AUDIT.create(filed.entry.id, filed.entry))
            return Decision(writes, list(filed.events), filed.document)

        return await self._store.change([DOCUMENTS.path(known.id), *_around(subject)], decide_docs)

    async def note(self, entry: AuditEntry) -> None:
        """See `PaperStore.note`."""

        def decide_docs(docs: Docs) -> Decision[Writes, None]:
            return Decision(
                [] if docs[AUDIT.path(entry.id)].data else [AUDIT.create(entry.id, entry)], [], None
            )

        await self._store.change([AUDIT.path(entry.id)], decide_docs)


def _around(subject: Subject) -> list[str]:
    """Return the paths of what a decision about a subject's document rests on."""
    shops = [SHOPS.path(subject.id)] if subject.kind is SubjectKind.MERCHANT else []
    return [PAPERS.path(subject.id), *shops]


def _shop(docs: Docs, subject: Subject) -> Shop | None:
    return SHOPS.find(docs, subject.id) if subject.kind is SubjectKind.MERCHANT else None


def _document(before: Document | None, after: Document | None) -> list[DocumentWrite]:
    if before is None or before == after:
        return []
    if after is None:
        return [DOCUMENTS.delete(before.id)]
    return [DOCUMENTS.update(before.id, before, after)]


def _papers(docs: Docs, after: Papers) -> list[DocumentWrite]:
    before = PAPERS.find(docs, after.subject_id)
    if before == after:
        return []
    if before is None:
        return [PAPERS.create(after.subject_id, after)]
    return [PAPERS.update(after.subject_id, before, after)]
