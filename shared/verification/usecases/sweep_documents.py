"""The round over papers: what has ended is marked, whose end is near is told, what stayed empty goes."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime

from shared.kernel.errors import DomainError
from shared.verification.domain import Document, DocumentState, Filed, Papers, Shop
from shared.verification.lifecycle import cleared, swept
from shared.verification.ports import DocumentVault, PaperStore

BATCH = 200
ROUNDS = 25
"""How many batches one sweep takes at most; what is left waits for the next."""

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Swept:
    """How many documents were looked at, have ended, had their owners told, were dropped, or could not be."""

    seen: int = 0
    expired: int = 0
    reminded: int = 0
    dropped: int = 0
    failed: int = 0


async def sweep_documents(*, papers: PaperStore, vault: DocumentVault, now: datetime) -> Swept:
    """Do what is due, the longest due first; one failure stops no other."""
    tally, tried = Swept(), set[str]()
    for _ in range(ROUNDS):
        due = await papers.due(now, BATCH)
        fresh = [document for document in due if document.id not in tried]
        for document in fresh:
            tried.add(document.id)
            await _take_up(document, papers, vault, now, tally)
        tally.seen += len(fresh)
        if len(due) < BATCH or not fresh:
            break
    return tally


async def _take_up(
    document: Document, papers: PaperStore, vault: DocumentVault, now: datetime, tally: Swept
) -> None:
    try:
        left = await _settle(document, papers, now)
        if left is None:
            return
        if left.state is DocumentState.ABANDONED:
            await _clear(left, papers, vault)
            tally.dropped += 1
        elif left.state is DocumentState.EXPIRED:
            tally.expired += 1
        elif left.state is DocumentState.APPROVED:
            tally.reminded += 1
    except DomainError as error:
        tally.failed += 1
        log.warning("sweep_step_failed", extra={"document_id": document.id, "code": error.code})
    except ValueError as error:  # a stored document that cannot be read: somebody has to look at it
        tally.failed += 1
        log.error("sweep_step_failed", exc_info=error, extra={"document_id": document.id})


async def _clear(document: Document, papers: PaperStore, vault: DocumentVault) -> None:
    """Discard the file, then forget the document: as long as there may be a file, its name is known."""

    def decide(stored: Document | None, _: Shop | None, held: Papers) -> Filed:
        return cleared(stored, held)

    await vault.discard(document.file)
    await papers.change(document, decide)


async def _settle(document: Document, papers: PaperStore, now: datetime) -> Document | None:
    """Decide on the document as it is in the commit: whoever acted in the last moment has won."""

    def decide(stored: Document | None, _: Shop | None, held: Papers) -> Filed:
        return swept(stored, held, now)

    return await papers.change(document, decide)
