"""Files that people upload straight into the store: what may come, and what shows what came.

A picture is drawn anew before anybody sees it. A PDF stays as it was sent, and is looked through for the
names of what acts by itself. That is a sieve and no proof: it sees nothing in streams that are compressed
or encrypted, and knows no flaw of any reader. Who reviews a PDF opens it in a reader that runs no scripts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from shared.kernel.errors import Invalid

MAX_BYTES = 10 * 1024 * 1024
UPLOAD_TIME = timedelta(minutes=10)
READ_TIME = timedelta(minutes=5)

JPEG, PDF = "image/jpeg", "application/pdf"

_MAGIC: Mapping[str, tuple[tuple[int, bytes], ...]] = {
    JPEG: ((0, b"\xff\xd8\xff"),),
    "image/png": ((0, b"\x89PNG\r\n\x1a\n"),),
    "image/webp": ((0, b"RIFF"), (8, b"WEBP")),
    PDF: ((0, b"%PDF-"),),
}
MAGIC_BYTES = 16
"""How much of a file's beginning tells its type."""

_ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
_ACTIVE = re.compile(rb"/(?:JavaScript|Launch|EmbeddedFiles?|RichMedia)(?![A-Za-z0-9])")
_PDF_END = b"%%EOF"
_TAIL = 1024
"""So near its end a PDF says that it ends (ISO 32000-1, Annex H, note 18)."""


class FileUnreadable(Invalid):
    """The uploaded file is damaged, or is none of its type; begin a new document."""

    code = "FILE_UNREADABLE"
    detail = "The uploaded file is damaged, or is none of its type; begin a new document."


class PictureTooLarge(Invalid):
    """The picture has more than 25 million pixels, is longer than any JPEG, or takes too long to draw; begin
    a new document."""

    code = "PICTURE_TOO_LARGE"
    detail = (
        "The picture has more than 25 million pixels, is longer than any JPEG, or takes "
        "too long to draw; begin"
    )


class ActiveContent(Invalid):
    """A PDF with scripts, programs or attached files is not taken; print it into a new one."""

    code = "ACTIVE_CONTENT"
    detail = "A PDF with scripts, programs or attached files is not taken; print it into a new one."


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file as it lies in the store; `generation` names these very bytes, `head` is their beginning.

    A picture that was `drawn` comes from us: what was uploaded is gone.
    """

    size: int
    generation: str
    sha256: str
    head: bytes
    drawn: bool = False
    content: bytes = field(default=b"", repr=False)
    """All of it; empty where it is larger than may be."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """The permission to upload one file: this method to this URL with these headers, until `expires_at`."""

    method: str
    url: str
    headers: Mapping[str, str]
    expires_at: datetime


def type_of(head: bytes) -> str | None:
    """Return the content type that a file's first bytes show; None if it is none of ours."""
    for content_type, marks in _MAGIC.items():
        if all(head[at : at + len(mark)] == mark for at, mark in marks):
            return content_type
    return None


def demand_passive(content: bytes) -> None:
    """Return if a PDF is whole and names nothing that acts by itself, as far as it can be read plainly.

    Raises `FileUnreadable` or `ActiveContent`.
    """
    if _PDF_END not in content[-_TAIL:]:
        raise FileUnreadable
    plain = _ESCAPED.sub(lambda found: bytes.fromhex(found[1].decode()), content)
    if _ACTIVE.search(content) or _ACTIVE.search(plain):
        raise ActiveContent
