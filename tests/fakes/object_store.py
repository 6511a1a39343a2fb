"""`ObjectStore` in memory, with the signed URLs that it issued and no others."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from shared.adapters.image_sanitiser import sanitise
from shared.verification.files import MAGIC_BYTES, MAX_BYTES, READ_TIME, UPLOAD_TIME, SignedUpload, StoredFile
from shared.verification.ports import FilesUnavailable
from tests.fakes.pictures import picture

JPEG = picture("JPEG", 24, 16)


class InlineSanitiser:
    """`ImageSanitiser` without a thread."""

    async def sanitise(self, content: bytes, content_type: str) -> bytes:
        return sanitise(content, content_type)


@dataclass
class FakeObjectStore:
    """Keeps files by name; the next `down` calls fail, and `now` is the clock of the store."""

    down: int = 0
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    files: dict[str, tuple[bytes, int]] = field(default_factory=dict)
    re_encoded: set[str] = field(default_factory=set)
    """The generations that `replace` wrote."""
    _uploads: dict[str, tuple[str, SignedUpload]] = field(default_factory=dict)
    _reads: dict[str, tuple[str, str, datetime]] = field(default_factory=dict)
    _count: int = 0

    async def sign_upload(self, name: str, content_type: str, size: int, now: datetime) -> SignedUpload:
        self._answer()
        headers = {
            "content-type": content_type,
            "x-goog-content-length-range": f"{size},{size}",
            "x-goog-if-generation-match": "0",
        }
        upload = SignedUpload("PUT", f"fake://{name}?{self.count()}", headers, now + UPLOAD_TIME)
        self._uploads[upload.url] = name, upload
        return upload

    async def inspect(self, name: str) -> StoredFile | None:
        self._answer()
        data, generation = self.files.get(name, (None, 0))
        if data is None:
            return None
        if len(data) > MAX_BYTES:
            return StoredFile(len(data), str(generation), "", b"", str(generation) in self.re_encoded)
        return self._stored(data, str(generation))

    async def replace(self, name: str, generation: str, picture: bytes) -> StoredFile | None:
        self._answer()
        if generation != str(self.files.get(name, (b"", 0))[1]):
            return None
        self.files[name] = picture, self.count()
        self.re_encoded.add(str(self._count))
        return self._stored(picture, str(self._count))

    async def sign_download(self, name: str, generation: str) -> str:
        self._answer()
        url = f"fake://{name}?{self.count()}"
        self._reads[url] = name, generation, self.now + READ_TIME
        return url

    async def delete(self, name: str) -> None:
        self._answer()
        self.files.pop(name, None)

    def put(self, url: str, data: bytes, headers: Mapping[str, str]) -> bool:
        """Upload by a signed URL; say whether the store accepted it."""
        name, upload = self._uploads.get(url, ("", None))
        if upload is None or self.now >= upload.expires_at or dict(headers) != dict(upload.headers):
            return False
        least, most = map(int, upload.headers["x-goog-content-length-range"].split(","))
        if name in self.files or not least <= len(data) <= most:
            return False
        self.files[name] = data, self.count()
        return True

    def get(self, url: str) -> bytes | None:
        """Download by a signed URL."""
        name, generation, until = self._reads.get(url, ("", "", self.now))
        data, found = self.files.get(name, (None, 0))
        return data if self.now < until and generation == str(found) else None

    def _stored(self, data: bytes, generation: str) -> StoredFile:
        digest = hashlib.sha256(data).hexdigest()
        re_encoded = generation in self.re_encoded
        return StoredFile(len(data), generation, digest, data[:MAGIC_BYTES], re_encoded, data)

    def count(self) -> int:
        """Return the next generation."""
        self._count += 1
        return self._count

    def _answer(self) -> None:
        if self.down:
            self.down -= 1
            raise FilesUnavailable
