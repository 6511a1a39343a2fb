"""A person, or the staff of a merchant, uploads a paper: first it is said what comes, then it comes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from shared.kernel.idempotency import IdempotentRequest
from shared.kernel.ids import NewId
from shared.verification.domain import (
    Document,
    DocumentNotFound,
    DocumentState,
    Filed,
    MerchantNotFound,
    Papers,
    Shop,
    Subject,
    SubjectKind,
    Wish,
    demand_party,
    file_name,
)
from shared.verification.files import Ticket
from shared.verification.intake import Intake
from shared.verification.lifecycle import drafted, submitted
from shared.verification.ports import DocumentVault, PaperStore


@dataclass(frozen=True, slots=True)
class DraftDocument:
    """Who is going to upload what, for themselves or for the merchant of id `merchant_id`."""

    uid: str
    wish: Wish
    merchant_id: str = ""

    @property
    def subject(self) -> Subject:
        """Whose paper it will be."""
        if self.merchant_id:
            return Subject(self.merchant_id, SubjectKind.MERCHANT)
        return Subject(self.uid)


@dataclass(frozen=True, slots=True)
class SubmitDocument:
    """Who says that the file of a document is there."""

    uid: str
    document_id: str


@dataclass(frozen=True, slots=True)
class Drafted:
    """A document and the permission to upload its file."""

    document: Document
    ticket: Ticket


async def draft_document(
    command: DraftDocument,
    *,
    papers: PaperStore,
    vault: DocumentVault,
    ids: NewId,
    now: datetime,
    idempotency: IdempotentRequest | None = None,
) -> Drafted:
    """Store the document that waits for its file, and return it with the permission to upload that.

    Raises `MerchantNotFound`, or what `paperwork.drafted` raises.
    """
    document_id, wish, subject = ids("doc"), command.wish, command.subject
    name = file_name(subject.id, document_id)
    ticket = await vault.ticket(name, wish.content_type, wish.size, now)

    def decide(shop: Shop | None, held: Papers | None) -> Filed:
        if subject.kind is SubjectKind.MERCHANT and not (shop and command.uid in shop.staff):
            raise MerchantNotFound
        return drafted(wish, document_id, subject, command.uid, held, now)

    document = await papers.add(document_id, subject, decide, _with_ticket(idempotency, ticket))
    return Drafted(document, ticket)


async def submit_document(
    command: SubmitDocument, *, papers: PaperStore, intake: Intake, now: datetime
) -> Document:
    """Hand the document in for review, once its file is there, is what was declared, and was taken in.

    Raises `DocumentNotFound`, or what `Intake.take_in` and `paperwork.submitted` raise.
    """
    found, shop = await papers.find(command.document_id)
    if found is None:
        raise DocumentNotFound
    demand_party(found.subject, command.uid, shop)
    file = await intake.take_in(found) if found.state is DocumentState.AWAITING_UPLOAD else None

    def decide(stored: Document | None, shop: Shop | None, held: Papers) -> Filed:
        if stored is None:
            raise DocumentNotFound
        demand_party(stored.subject, command.uid, shop)
        return Filed(submitted(stored, file, now), held)

    handed_in = await papers.change(found, decide)
    if handed_in is None:
        raise DocumentNotFound
    return handed_in


def _with_ticket(idempotency: IdempotentRequest | None, ticket: Ticket) -> IdempotentRequest | None:
    """Return the same intention, whose answer shows the ticket as well: a repeated request needs it too."""
    if idempotency is None:
        return None
    render = idempotency.render
    return replace(idempotency, render=lambda document: render(Drafted(document, ticket)))
