"""Files that people upload to the object store: allowed content types, limits, and content checks.

An uploaded image is re-encoded before anyone opens it. A PDF stays as it was uploaded; it is searched for
the names of active content. This search proves nothing: it does not see compressed or encrypted streams,
and knows no flaw of a PDF reader. Admins need a reader that runs no scripts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from shared.kernel.errors import Invalid

MAX_BYTES = 10 * 1024 * 1024
UPLOAD_TIME = timedelta(minutes=10)
"""How long a signed upload URL is valid."""
READ_TIME = timedelta(minutes=5)
"""How long a signed download URL is valid."""

JPEG, PDF = "image/jpeg", "application/pdf"

_MAGIC: Mapping[str, tuple[tuple[int, bytes], ...]] = {
    JPEG: ((0, b"\xff\xd8\xff"),),
    "image/png": ((0, b"\x89PNG\r\n\x1a\n"),),
    "image/webp": ((0, b"RIFF"), (8, b"WEBP")),
    PDF: ((0, b"%PDF-"),),
}
MAGIC_BYTES = 16
"""How many bytes at the beginning of a file show its content type."""

_ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
_ACTIVE = re.compile(rb"/(?:JavaScript|Launch|EmbeddedFiles?|RichMedia)(?![A-Za-z0-9])")
_PDF_END = b"%%EOF"
_TAIL = 1024
"""A PDF has its end marker within this many last bytes (ISO 32000-1, Annex H, note 18)."""


class FileUnreadable(Invalid):
    """The uploaded file is damaged, or has another type than declared."""

    code = "FILE_UNREADABLE"
    detail = "The uploaded file is damaged, or has another type than declared. Create a new document."


class PictureTooLarge(Invalid):
    """The image exceeds the limits of re-encoding."""

    code = "PICTURE_TOO_LARGE"
    detail = (
        "The image has more than 25 million pixels, is longer or wider than a JPEG can be, or takes too long "
        "to decode. Create a new document with a smaller image."
    )


class ActiveContent(Invalid):
    """The PDF contains scripts, programs or attachments."""

    code = "ACTIVE_CONTENT"
    detail = "PDFs with scripts, programs or attached files are refused. Print it to a new PDF."


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file in the object store; `generation` identifies its exact bytes, `head` is their beginning.

    An image with `re_encoded` was written by the upload processor: the uploaded bytes are deleted.
    """

    size: int
    generation: str
    sha256: str
    head: bytes
    re_encoded: bool = False
    content: bytes = field(default=b"", repr=False)
    """All bytes; empty if the file exceeds `MAX_BYTES`."""


@dataclass(frozen=True, slots=True)
class SignedUpload:
    """Permission to upload one file: send `method` to `url` with these headers before `expires_at`."""

    method: str
    url: str
    headers: Mapping[str, str]
    expires_at: datetime


def content_type_of(head: bytes) -> str | None:
    """Return the content type that the first bytes of a file show; None if it is not an allowed one."""
    for content_type, marks in _MAGIC.items():
        if all(head[at : at + len(mark)] == mark for at, mark in marks):
            return content_type
    return None


def check_no_active_content(content: bytes) -> None:
    """Return if a PDF is complete and its plain text names no active content.

    Raises `FileUnreadable` or `ActiveContent`.
    """
    if _PDF_END not in content[-_TAIL:]:
        raise FileUnreadable
    plain = _ESCAPED.sub(lambda found: bytes.fromhex(found[1].decode()), content)
    if _ACTIVE.search(content) or _ACTIVE.search(plain):
        raise ActiveContent
