"""Takes in what people have uploaded: from here on a file is harmless to whoever opens it."""

from __future__ import annotations

import asyncio

from shared.kernel.errors import Contended
from shared.verification.domain import Document
from shared.verification.files import PDF, StoredFile
from shared.verification.lifecycle import demand_declared
from shared.verification.ports import Cleaner, DocumentVault


class Intake:
    """Takes in one file after the other, so that no more than one is in memory at a time."""

    def __init__(self, vault: DocumentVault, cleaner: Cleaner) -> None:
        self._vault = vault
        self._cleaner = cleaner
        self._turn = asyncio.Lock()

    async def take_in(self, document: Document) -> StoredFile | None:
        """Put a clean file in the place of what was uploaded for a document, and return it; None where
        nothing lies there. Whatever comes in between, the same again goes on where this stopped.

        Raises `FileNotAsDeclared`, `FileUnreadable`, `PictureTooLarge`, `ActiveContent` or `Unavailable`.
        """
        async with self._turn:
            file = await self._vault.inspect(document.file)
            if file is None or file.drawn:
                return file
            demand_declared(document, file)
            clean = await self._cleaner.clean(file.content, document.content_type)
            if document.content_type == PDF:
                return file
            drawn = await self._vault.replace(document.file, file.generation, clean)
            if drawn is None:  # another request was quicker, or the sweeper
                raise Contended
            return drawn
