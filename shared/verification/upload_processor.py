"""Process an uploaded file: check it against the declaration, and replace images by re-encoded ones."""

from __future__ import annotations

import asyncio

from shared.kernel.errors import Contended
from shared.verification.domain import VerificationDocument
from shared.verification.files import PDF, StoredFile
from shared.verification.ports import ImageSanitiser, ObjectStore
from shared.verification.submission import check_declared


class UploadProcessor:
    """Processes one file at a time, so that no more than one is in memory."""

    def __init__(self, objects: ObjectStore, sanitiser: ImageSanitiser) -> None:
        self._objects = objects
        self._sanitiser = sanitiser
        self._lock = asyncio.Lock()

    async def process(self, document: VerificationDocument) -> StoredFile | None:
        """Replace the uploaded file of a document by a safe one and return that; None if there is none.

        It is safe to call again after any interruption: an image that was replaced is returned as it is.
        Raises `FileNotAsDeclared`, `FileUnreadable`, `PictureTooLarge`, `ActiveContent` or `Unavailable`.
        """
        async with self._lock:
            file = await self._objects.inspect(document.object_name)
            if file is None or file.re_encoded:
                return file
            check_declared(document, file)
            safe = await self._sanitiser.sanitise(file.content, document.content_type)
            if document.content_type == PDF:
                return file
            replaced = await self._objects.replace(document.object_name, file.generation, safe)
            if replaced is None:  # another request or the sweep replaced or deleted it first
                raise Contended
            return replaced
