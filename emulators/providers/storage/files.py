"""The objects of the store, and the preconditions of a write."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from emulators.providers.storage.signing import Refusal


@dataclass(frozen=True, slots=True)
class StoredObject:
    """One generation of one object."""

    data: bytes
    content_type: str
    generation: int
    metadata: Mapping[str, str] = field(default_factory=dict)

    @property
    def md5(self) -> str:
        """The MD5 of the bytes in Base64, as in the metadata."""
        digest = hashlib.md5(self.data, usedforsecurity=False).digest()
        return base64.b64encode(digest).decode()


class Files:
    """Objects by `bucket/name`; only the newest generation of each is stored."""

    def __init__(self, generations: Iterator[int]) -> None:
        self._generations = generations
        self._objects: dict[str, StoredObject] = {}

    def find(self, name: str, generation: str | None = None) -> StoredObject | None:
        """Return the object, if it exists (in the requested generation)."""
        found = self._objects.get(name)
        return found if found and generation in (None, str(found.generation)) else None

    def put(
        self, name: str, data: bytes, content_type: str, metadata: Mapping[str, str] | None = None
    ) -> StoredObject:
        """Store an object."""
        stored = StoredObject(data, content_type, next(self._generations), metadata or {})
        self._objects[name] = stored
        return stored

    def remove(self, name: str) -> None:
        """Delete the object."""
        self._objects.pop(name, None)

    def view(self) -> dict[str, dict[str, object]]:
        """Return all objects, without their bytes."""
        return {
            name: {"size": len(found.data), "content_type": found.content_type}
            for name, found in sorted(self._objects.items())
        }


def check_length(allowed: str | None, length: int) -> None:
    """Raise `Refusal` unless `x-goog-content-length-range` allows the length."""
    if allowed is None:
        return
    least, _, most = allowed.partition(",")
    if not (least.isascii() and least.isdigit() and most.isascii() and most.isdigit()):
        raise Refusal(400, "InvalidArgument", "The length range cannot be read.")
    if length > int(most):
        raise Refusal(400, "EntityTooLarge", "The object is larger than allowed.")
    if length < int(least):
        raise Refusal(400, "EntityTooSmall", "The object is smaller than allowed.")


def check_generation(expected: str | None, stored: StoredObject | None) -> None:
    """Raise `Refusal` unless the object has the expected generation; 0 means that it must not exist."""
    if expected is not None and expected != str(stored.generation if stored else 0):
        raise Refusal(412, "PreconditionFailed", "The object is in another generation.")


def parse_multipart(content_type: str, body: bytes) -> tuple[dict[str, Any], bytes]:
    """Return the metadata and the bytes of a `multipart/related` body of two parts. Raises `Refusal`."""
    kind, _, boundary = content_type.partition("; boundary=")
    delimiter = b"--" + boundary.strip('"').encode()
    parts = body.split(delimiter)
    if kind != "multipart/related" or len(parts) != 4 or parts[3].strip() != b"--":
        raise Refusal(400, "InvalidArgument", "The parts cannot be read.")
    try:
        metadata = json.loads(parts[1].split(b"\r\n\r\n", 1)[1])
        data = parts[2].split(b"\r\n\r\n", 1)[1].removesuffix(b"\r\n")
        return {**metadata, "name": str(metadata["name"])}, data
    except (ValueError, KeyError, TypeError, IndexError):
        raise Refusal(400, "InvalidArgument", "The metadata cannot be read.") from None
