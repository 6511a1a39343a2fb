"""What people and admins read about papers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from shared.verification.domain import (
    Document,
    DocumentNotFound,
    DocumentState,
    MerchantNotFound,
    demand_party,
)
from shared.verification.ports import After, PaperStore


@dataclass(frozen=True, slots=True)
class DocumentPage:
    """Some documents and where the next page begins; None after the last."""

    documents: Sequence[Document]
    after: After | None


async def own_document(uid: str, document_id: str, *, papers: PaperStore) -> Document:
    """Return a document of the person, or of a merchant of theirs. Raises `DocumentNotFound`."""
    document, shop = await papers.find(document_id)
    if document is None:
        raise DocumentNotFound
    demand_party(document.subject, uid, shop)
    return document


async def documents_of(
    uid: str, merchant_id: str, limit: int, after: After | None, *, papers: PaperStore
) -> DocumentPage:
    """Return the person's documents or, if one is named, those of a merchant of theirs, newest first.

    Raises `MerchantNotFound`.
    """
    if merchant_id:
        shop = await papers.shop(merchant_id)
        if shop is None or uid not in shop.staff:
            raise MerchantNotFound
    return _page(await papers.of(merchant_id or uid, limit + 1, after), limit)


async def documents_in(
    state: DocumentState, limit: int, after: After | None, *, papers: PaperStore
) -> DocumentPage:
    """Return the documents in one state, the oldest first."""
    return _page(await papers.standing(state, limit + 1, after), limit)


def _page(found: Sequence[Document], limit: int) -> DocumentPage:
    """Return a page; one more was read to know whether another follows."""
    page = found[:limit]
    more = len(found) > limit
    return DocumentPage(page, (page[-1].created_at, page[-1].id) if more else None)
