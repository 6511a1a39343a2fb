"""Files that people upload straight into the store: what may come, and what shows what came."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

MAX_BYTES = 10 * 1024 * 1024
UPLOAD_TIME = timedelta(minutes=10)
READ_TIME = timedelta(minutes=5)

_MAGIC: Mapping[str, tuple[tuple[int, bytes], ...]] = {
    "image/jpeg": ((0, b"\xff\xd8\xff"),),
    "image/png": ((0, b"\x89PNG\r\n\x1a\n"),),
    "image/webp": ((0, b"RIFF"), (8, b"WEBP")),
    "application/pdf": ((0, b"%PDF-"),),
}
CONTENT_TYPES = tuple(_MAGIC)
MAGIC_BYTES = 16
"""How much of a file's beginning tells its type."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file as it lies in the store; `generation` names these very bytes, `head` is their beginning."""

    size: int
    generation: str
    sha256: str
    head: bytes


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
