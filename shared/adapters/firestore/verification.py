"""Firestore `VerificationStore`: `verification_documents/{id}` and `verification_records/{subject}`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar

from shared.adapters.firestore.change import Docs, DocumentStore, Writes
from shared.adapters.firestore.codec import Collection, DocumentWrite
from shared.adapters.firestore.database import Query
from shared.adapters.firestore.memberships import FirestoreMemberships, is_member
from shared.adapters.firestore.pages import full_page, read_page
from shared.kernel.batch import Cursor, Page
from shared.kernel.decision import Decision
from shared.kernel.idempotency import IdempotentRequest
from shared.verification.audit import AuditEntry
from shared.verification.domain import (
    DocumentState,
    Subject,
    SubjectKind,
    Verification,
    VerificationDocument,
    VerificationRecord,
)
from shared.verification.ports import After

DOCUMENTS = Collection("verification_documents", VerificationDocument)
RECORDS = Collection("verification_records", VerificationRecord)
AUDIT = Collection("audit", AuditEntry)

R = TypeVar("R")


class FirestoreVerification:
    """`VerificationStore`."""

    def __init__(self, store: DocumentStore) -> None:
        self._store = store

    async def find(self, document_id: str, uid: str) -> tuple[VerificationDocument | None, bool]:
        """See `VerificationStore.find`; a merchant's document costs a second read."""
        read = self._store.database.get_all
        document = DOCUMENTS.find(await read([DOCUMENTS.path(document_id)]), document_id)
        if document is None or document.subject_kind is SubjectKind.PERSON:
            return document, False
        return document, await self.is_staff(document.subject_id, uid)

    async def is_staff(self, merchant_id: str, uid: str) -> bool:
        """See `VerificationStore.is_staff`."""
        return await FirestoreMemberships(self._store.database).is_member(merchant_id, uid)

    async def of_subject(
        self, subject_id: str, limit: int, after: After | None
    ) -> Sequence[VerificationDocument]:
        """See `VerificationStore.of_subject`; index (subject_id, created_at descending, id descending)."""
        query = Query(
            DOCUMENTS.name,
            where=(("subject_id", "==", subject_id),),
            order_by=("-created_at", "-id"),
            limit=limit,
            start_after=after or (),
        )
        return await full_page(self._store.database, DOCUMENTS, query)

    async def in_state(
        self, state: DocumentState, limit: int, after: After | None
    ) -> Sequence[VerificationDocument]:
        """See `VerificationStore.in_state`; index (state, created_at, id)."""
        query = Query(
            DOCUMENTS.name,
            where=(("state", "==", state.value),),
            order_by=("created_at", "id"),
            limit=limit,
            start_after=after or (),
        )
        return await full_page(self._store.database, DOCUMENTS, query)

    async def due(
        self, now: datetime, limit: int, cursor: Cursor | None = None
    ) -> Page[VerificationDocument]:
        """See `VerificationStore.due`, index (due_at, id); the query finds no document without `due_at`."""
        query = Query(
            DOCUMENTS.name,
            where=(("due_at", "<=", now),),
            order_by=("due_at", "id"),
            limit=limit,
            start_after=cursor or (),
        )
        return await read_page(self._store.database, DOCUMENTS, query)

    async def create(
        self,
        document_id: str,
        subject: Subject,
        uid: str,
        decide: Callable[[bool, VerificationRecord | None], Decision[Verification, VerificationDocument]],
        idempotency: IdempotentRequest | None,
    ) -> VerificationDocument:
        """See `VerificationStore.create`; writing the record each time keeps its limits under contention."""

        def decide_docs(docs: Docs) -> Decision[Writes, VerificationDocument]:
            decision = decide(_is_staff(docs, subject, uid), RECORDS.find(docs, subject.id))
            writes = [
                DOCUMENTS.create(document_id, decision.result),
                *_record_writes(docs, decision.state.record),
            ]
            return Decision(writes, decision.events, decision.result)

        paths = [DOCUMENTS.path(document_id), RECORDS.path(subject.id)]
        return await self._store.change(paths, decide_docs, idempotency)

    async def change(
        self,
        known: VerificationDocument,
        uid: str,
        decide: Callable[[VerificationDocument | None, bool, VerificationRecord], Decision[Verification, R]],
        idempotency: IdempotentRequest | None = None,
    ) -> R:
        """See `VerificationStore.change`; a document's subject never changes, so `known` names it."""
        subject = known.subject

        def decide_docs(docs: Docs) -> Decision[Writes, R]:
            before = DOCUMENTS.find(docs, known.id)
            record = RECORDS.find(docs, subject.id) or VerificationRecord(subject.id)
            decision = decide(before, _is_staff(docs, subject, uid), record)
            state = decision.state
            writes = [*_document_writes(before, state.document), *_record_writes(docs, state.record)]
            if state.audit:
                writes.append(AUDIT.create(state.audit.id, state.audit))
            return Decision(writes, decision.events, decision.result)

        paths = [DOCUMENTS.path(known.id), RECORDS.path(subject.id)]
        return await self._store.change(paths, decide_docs, idempotency)

    async def write_audit(self, entry: AuditEntry) -> None:
        """See `VerificationStore.write_audit`."""

        def decide_docs(docs: Docs) -> Decision[Writes, None]:
            known = docs[AUDIT.path(entry.id)].data
            return Decision([] if known else [AUDIT.create(entry.id, entry)], (), None)

        await self._store.change([AUDIT.path(entry.id)], decide_docs)


def _is_staff(docs: Docs, subject: Subject, uid: str) -> bool:
    return subject.kind is SubjectKind.MERCHANT and is_member(docs, subject.id, uid)


def _document_writes(
    before: VerificationDocument | None, after: VerificationDocument | None
) -> list[DocumentWrite]:
    if before is None or before == after:
        return []
    if after is None:
        return [DOCUMENTS.delete(before.id)]
    return [DOCUMENTS.update(before.id, before, after)]


def _record_writes(docs: Docs, after: VerificationRecord) -> list[DocumentWrite]:
    before = RECORDS.find(docs, after.subject_id)
    if before == after:
        return []
    if before is None:
        return [RECORDS.create(after.subject_id, after)]
    return [RECORDS.update(after.subject_id, before, after)]
