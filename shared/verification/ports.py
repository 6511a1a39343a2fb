"""What papers need from outside: where they are kept, and where their files are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from shared.kernel.errors import Unavailable
from shared.kernel.idempotency import IdempotentRequest
from shared.verification.audit import AuditEntry
from shared.verification.domain import Document, DocumentState, Filed, Papers, Shop, Subject
from shared.verification.files import StoredFile, Ticket

After = tuple[datetime, str]
"""Time and id of the last document of a page."""


class FilesUnavailable(Unavailable):
    """The store of files does not answer; try again."""

    code = "FILES_UNAVAILABLE"
    detail = "The store of files does not answer; try again."


class PaperStore(Protocol):
    """People's and merchants' documents."""

    async def find(self, document_id: str) -> tuple[Document | None, Shop | None]:
        """Return the document and, if it is a merchant's, the merchant."""
        ...

    async def shop(self, merchant_id: str) -> Shop | None:
        """Return a merchant."""
        ...

    async def of(self, subject_id: str, limit: int, after: After | None) -> Sequence[Document]:
        """Return a subject's documents, newest first."""
        ...

    async def standing(self, state: DocumentState, limit: int, after: After | None) -> Sequence[Document]:
        """Return the documents in one state, the oldest first."""
        ...

    async def due(self, now: datetime, limit: int) -> Sequence[Document]:
        """Return the documents that are to be looked at, the longest due first."""
        ...

    async def add(
        self,
        document_id: str,
        subject: Subject,
        decide: Callable[[Shop | None, Papers | None], Filed],
        idempotency: IdempotentRequest | None,
    ) -> Document:
        """Store the new document together with its subject's papers."""
        ...

    async def change(
        self, known: Document, decide: Callable[[Document | None, Shop | None, Papers], Filed]
    ) -> Document | None:
        """Store what `decide` makes of a document and its subject's papers; none, where it is dropped."""
        ...

    async def note(self, entry: AuditEntry) -> None:
        """Keep the record of an action that changed nothing."""
        ...


class DocumentVault(Protocol):
    """The store of files, to which people come by signed URLs. All raise `Unavailable`."""

    async def ticket(self, name: str, content_type: str, size: int, now: datetime) -> Ticket:
        """Let whoever has the ticket upload one file of exactly this size and type, once."""
        ...

    async def inspect(self, name: str) -> StoredFile | None:
        """Return what lies there; None where nothing does. No more than `MAX_BYTES` are looked at."""
        ...

    async def replace(self, name: str, generation: str, picture: bytes) -> StoredFile | None:
        """Put a picture that was drawn (JPEG) in the place of these very bytes, which are gone with it.

        None, and no change, where others lie there by now, or none.
        """
        ...

    async def read_url(self, name: str, generation: str) -> str:
        """Return a URL under which these very bytes can be read for `READ_TIME`."""
        ...

    async def discard(self, name: str) -> None:
        """Forget the file, whether there is one or not."""
        ...


class Cleaner(Protocol):
    """Makes what people upload harmless."""

    async def clean(self, content: bytes, content_type: str) -> bytes:
        """Return a picture drawn anew, as a JPEG without anything but what is to be seen; a PDF as it is.

        Raises `FileUnreadable`, `PictureTooLarge` or `ActiveContent`.
        """
        ...
