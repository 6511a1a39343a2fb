"""Read verification documents, as their owner or as an admin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from shared.verification.domain import (
    DocumentNotFound,
    DocumentState,
    MerchantNotFound,
    VerificationDocument,
    check_acts_for,
)
from shared.verification.ports import After, VerificationStore


@dataclass(frozen=True, slots=True)
class DocumentPage:
    """A page of verification documents; `after` is the cursor of the next page, None at the end."""

    documents: Sequence[VerificationDocument]
    after: After | None


async def own_document(uid: str, document_id: str, *, store: VerificationStore) -> VerificationDocument:
    """Return a document of the person or of their merchant. Raises `DocumentNotFound`."""
    document, is_staff = await store.find(document_id, uid)
    if document is None:
        raise DocumentNotFound
    check_acts_for(document.subject, uid, is_staff)
    return document


async def documents_of(
    uid: str, merchant_id: str, limit: int, after: After | None, *, store: VerificationStore
) -> DocumentPage:
    """Return the documents of the person, or those of their merchant if one is named, newest first.

    Raises `MerchantNotFound`.
    """
    if merchant_id and not await store.is_staff(merchant_id, uid):
        raise MerchantNotFound
    return _page(await store.of_subject(merchant_id or uid, limit + 1, after), limit)


async def documents_in(
    state: DocumentState, limit: int, after: After | None, *, store: VerificationStore
) -> DocumentPage:
    """Return the documents in one state, oldest first."""
    return _page(await store.in_state(state, limit + 1, after), limit)


def _page(found: Sequence[VerificationDocument], limit: int) -> DocumentPage:
    """Return a page; the caller reads one document more to know whether another page follows."""
    page = found[:limit]
    more = len(found) > limit
    return DocumentPage(page, (page[-1].created_at, page[-1].id) if more else None)
