"""What verification needs from outside: the store of its documents, the object store, the sanitiser."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol, TypeVar

from shared.kernel.batch import Cursor, Page
from shared.kernel.decision import Decision
from shared.kernel.errors import Unavailable
from shared.kernel.idempotency import IdempotentRequest
from shared.verification.audit import AuditEntry
from shared.verification.domain import (
    DocumentState,
    Subject,
    Verification,
    VerificationDocument,
    VerificationRecord,
)
from shared.verification.files import SignedUpload, StoredFile

R = TypeVar("R")
After = tuple[datetime, str]
"""Time and id of the last verification document of a page."""


class FilesUnavailable(Unavailable):
    """The object store or the signing service does not answer."""

    code = "FILES_UNAVAILABLE"
    detail = "The object store does not answer. Try again."


class VerificationStore(Protocol):
    """The verification documents and records of people and merchants."""

    async def find(self, document_id: str, uid: str) -> tuple[VerificationDocument | None, bool]:
        """Return the document, and whether the person belongs to the staff of its merchant."""
        ...

    async def is_staff(self, merchant_id: str, uid: str) -> bool:
        """Return whether a person belongs to the staff of a merchant."""
        ...

    async def of_subject(
        self, subject_id: str, limit: int, after: After | None
    ) -> Sequence[VerificationDocument]:
        """Return the documents of a subject, newest first."""
        ...

    async def in_state(
        self, state: DocumentState, limit: int, after: After | None
    ) -> Sequence[VerificationDocument]:
        """Return the documents in one state, oldest first."""
        ...

    async def due(
        self, now: datetime, limit: int, cursor: Cursor | None = None
    ) -> Page[VerificationDocument]:
        """Return a page of the documents that are due for the sweep, the longest due first."""
        ...

    async def create(
        self,
        document_id: str,
        subject: Subject,
        uid: str,
        decide: Callable[[bool, VerificationRecord | None], Decision[Verification, VerificationDocument]],
        idempotency: IdempotentRequest | None,
    ) -> VerificationDocument:
        """Store a new document together with its subject's record; return the decision's result.

        `decide` gets whether the person belongs to the staff of the merchant, and the record.
        """
        ...

    async def change(
        self,
        known: VerificationDocument,
        uid: str,
        decide: Callable[[VerificationDocument | None, bool, VerificationRecord], Decision[Verification, R]],
        idempotency: IdempotentRequest | None = None,
    ) -> R:
        """Store what `decide` makes of a document, its record and the audit log; return its result.

        `decide` gets the document, whether the person belongs to the staff of its merchant, and the record.
        """
        ...

    async def write_audit(self, entry: AuditEntry) -> None:
        """Store the audit entry of an action that changes no document."""
        ...


class ObjectStore(Protocol):
    """The store of uploaded files; people upload and download by signed URLs. All raise `Unavailable`."""

    async def sign_upload(self, name: str, content_type: str, size: int, now: datetime) -> SignedUpload:
        """Return permission to upload one file of exactly this size and type, once."""
        ...

    async def inspect(self, name: str) -> StoredFile | None:
        """Return the stored file, or None; at most `MAX_BYTES` are read."""
        ...

    async def replace(self, name: str, generation: str, image: bytes) -> StoredFile | None:
        """Replace a generation of a file by a re-encoded JPEG; the replaced bytes are deleted.

        Returns None and changes nothing if the file has another generation by now, or is deleted.
        """
        ...

    async def sign_download(self, name: str, generation: str) -> str:
        """Return a URL under which this generation can be read for `READ_TIME`."""
        ...

    async def delete(self, name: str) -> None:
        """Delete the file if it exists."""
        ...


class ImageSanitiser(Protocol):
    """Makes uploaded files safe to open."""

    async def sanitise(self, content: bytes, content_type: str) -> bytes:
        """Return an image re-encoded as JPEG without metadata, or a checked PDF unchanged.

        Raises `FileUnreadable`, `PictureTooLarge` or `ActiveContent`.
        """
        ...
