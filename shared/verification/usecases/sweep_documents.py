"""Sweep the due verification documents: expire, remind, abandon, delete."""

from __future__ import annotations

from datetime import datetime

from shared.kernel.actor import SYSTEM
from shared.kernel.batch import Batch, BatchResult, Queue
from shared.kernel.decision import Decision
from shared.verification.domain import Verification, VerificationDocument, VerificationRecord
from shared.verification.expiry import SweepStep, delete_abandoned, sweep
from shared.verification.ports import ObjectStore, VerificationStore

CONCURRENCY = 30


async def sweep_documents(*, store: VerificationStore, objects: ObjectStore, batch: Batch) -> BatchResult:
    """Process the due documents, the longest due first; `done` counts the changed ones."""

    async def process(document: VerificationDocument, now: datetime) -> bool:
        step = await _sweep(document, store, now)
        if step is SweepStep.ABANDONED:
            await _delete(document, store, objects)
        return step is not SweepStep.NOTHING

    queue = Queue(
        id="verification-due-documents",
        name="document_id",
        key=lambda document: document.id,
        load=store.due,
        handle=process,
        concurrency=CONCURRENCY,
    )
    return await batch.run(queue)


async def _sweep(document: VerificationDocument, store: VerificationStore, now: datetime) -> SweepStep:
    """Decide on the stored document, which may be newer than the one that was found due."""

    def decide(
        stored: VerificationDocument | None, _: bool, record: VerificationRecord
    ) -> Decision[Verification, SweepStep]:
        return sweep(stored, record, now)

    return await store.change(document, SYSTEM.uid, decide)


async def _delete(document: VerificationDocument, store: VerificationStore, objects: ObjectStore) -> None:
    """Delete the file, then the document: its name stays known as long as there may be a file."""

    def decide(
        stored: VerificationDocument | None, _: bool, record: VerificationRecord
    ) -> Decision[Verification, None]:
        return delete_abandoned(stored, record)

    await objects.delete(document.object_name)
    await store.change(document, SYSTEM.uid, decide)
