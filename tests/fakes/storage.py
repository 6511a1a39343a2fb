"""`DocumentVault` in memory, with the signed URLs that it gave and no others."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from shared.accounts.files import MAGIC_BYTES, MAX_BYTES, READ_TIME, UPLOAD_TIME, StoredFile, Ticket
from shared.adapters.storage import FilesUnavailable

JPEG = b"\xff\xd8\xff\xe0" + bytes(60)


@dataclass
class FakeVault:
    """Keeps files by name; `down` says how many calls stay without an answer, `now` is the store's clock."""

    down: int = 0
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    files: dict[str, tuple[bytes, int]] = field(default_factory=dict)
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
        ticket = Ticket("PUT", f"fake://{name}?{self._next()}", headers, now + UPLOAD_TIME)
        self._tickets[ticket.url] = name, ticket
        return ticket

    async def inspect(self, name: str) -> StoredFile | None:
        self._answer()
        data, generation = self.files.get(name, (None, 0))
        if data is None:
            return None
        if len(data) > MAX_BYTES:
            return StoredFile(len(data), str(generation), "", b"")
        digest = hashlib.sha256(data).hexdigest()
        return StoredFile(len(data), str(generation), digest, data[:MAGIC_BYTES])

    async def read_url(self, name: str, generation: str) -> str:
        self._answer()
        url = f"fake://{name}?{self._next()}"
        self._reads[url] = name, generation, self.now + READ_TIME
        return url

    async def discard(self, name: str) -> None:
        self._answer()
        self.files.pop(name, None)

    def put(self, url: str, data: bytes, headers: Mapping[str, str]) -> bool:
        """Upload as somebody who has a URL; say whether it was taken."""
        name, ticket = self._tickets.get(url, ("", None))
        if ticket is None or self.now >= ticket.expires_at or dict(headers) != dict(ticket.headers):
            return False
        least, most = map(int, ticket.headers["x-goog-content-length-range"].split(","))
        if name in self.files or not least <= len(data) <= most:
            return False
        self.files[name] = data, self._next()
        return True

    def get(self, url: str) -> bytes | None:
        """Download as somebody who has a URL."""
        name, generation, until = self._reads.get(url, ("", "", self.now))
        data, found = self.files.get(name, (None, 0))
        return data if self.now < until and generation == str(found) else None

    def _next(self) -> int:
        self._count += 1
        return self._count

    def _answer(self) -> None:
        if self.down:
            self.down -= 1
            raise FilesUnavailable
