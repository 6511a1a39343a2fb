"""`DocumentVault` in memory, with the signed URLs that it gave and no others."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from shared.adapters.pictures import cleaned
from shared.verification.files import MAGIC_BYTES, MAX_BYTES, READ_TIME, UPLOAD_TIME, StoredFile, Ticket
from shared.verification.ports import FilesUnavailable
from tests.fakes.pictures import picture

JPEG = picture("JPEG", 24, 16)


class InlineCleaner:
    """`Cleaner` that draws at once, without a thread."""

    async def clean(self, content: bytes, content_type: str) -> bytes:
        return cleaned(content, content_type)


@dataclass
class FakeVault:
    """Keeps files by name; `down` says how many calls stay without an answer, `now` is the store's clock."""

    down: int = 0
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    files: dict[str, tuple[bytes, int]] = field(default_factory=dict)
    drawn: set[str] = field(default_factory=set)
    """The generations that `replace` has put."""
    _tickets: dict[str, tuple[str, Ticket]] = field(default_factory=dict)
    _reads: dict[str, tuple[str, str, datetime]] = field(default_factory=dict)
    _count: int = 0

    async def ticket(self, name: str, content_type: str, size: int, now: datetime) -> Ticket:
        self._answer()
        headers = {
            "content-type": content_type,
            "x-goog-content-length-range": f"{size},{size}",
            "x-goog-if-generation-match": "0",
        }
        ticket = Ticket("PUT", f"fake://{name}?{self.count()}", headers, now + UPLOAD_TIME)
        self._tickets[ticket.url] = name, ticket
        return ticket

    async def inspect(self, name: str) -> StoredFile | None:
        self._answer()
        data, generation = self.files.get(name, (None, 0))
        if data is None:
            return None
        if len(data) > MAX_BYTES:
            return StoredFile(len(data), str(generation), "", b"", str(generation) in self.drawn)
        return self._stored(data, str(generation))

    async def replace(self, name: str, generation: str, picture: bytes) -> StoredFile | None:
        self._answer()
        if generation != str(self.files.get(name, (b"", 0))[1]):
            return None
        self.files[name] = picture, self.count()
        self.drawn.add(str(self._count))
        return self._stored(picture, str(self._count))

    async def read_url(self, name: str, generation: str) -> str:
        self._answer()
        url = f"fake://{name}?{self.count()}"
        self._reads[url] = name, generation, self.now + READ_TIME
        return url

    async def discard(self, name: str) -> None:
        self._answer()
        self.files.pop(name, None)

    def put(self, url: str, data: bytes, headers: Mapping[str, str]) -> bool:
        """Upload to a signed URL; return whether the upload was accepted."""
        name, ticket = self._tickets.get(url, ("", None))
        if ticket is None or self.now >= ticket.expires_at or dict(headers) != dict(ticket.headers):
            return False
        least, most = map(int, ticket.headers["x-goog-content-length-range"].split(","))
        if name in self.files or not least <= len(data) <= most:
            return False
        self.files[name] = data, self.count()
        return True

    def get(self, url: str) -> bytes | None:
        """Download from a signed URL."""
        name, generation, until = self._reads.get(url, ("", "", self.now))
        data, found = self.files.get(name, (None, 0))
        return data if self.now < until and generation == str(found) else None

    def _stored(self, data: bytes, generation: str) -> StoredFile:
        digest = hashlib.sha256(data).hexdigest()
        drawn = generation in self.drawn
        return StoredFile(len(data), generation, digest, data[:MAGIC_BYTES], drawn, data)

    def count(self) -> int:
        """Return the next generation."""
        self._count += 1
        return self._count

    def _answer(self) -> None:
        if self.down:
            self.down -= 1
            raise FilesUnavailable
