"""The ports of the notification handlers, in memory."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from functions.notifications_events.handlers import HANDLERS
from shared.adapters.firestore.database import CommitUnknown, Write
from shared.kernel.device import device_id
from shared.kernel.event import Event
from tests.fakes.database import MemoryDatabase
from tests.fakes.notifications import FakePush
from tests.unit.notifications.events import NOW


class Mortal(MemoryDatabase):
    """fails the scripted commits and loses the answers to others."""

    def __init__(self) -> None:
        super().__init__()
        self.faults: list[Exception | None] = []
        self.lost_answers = 0
        """The number of commits that are applied while their answers are lost."""

    async def commit(self, writes: Sequence[Write]) -> None:
        if self.faults and (fault := self.faults.pop(0)):
            raise fault
        await super().commit(writes)
        if self.lost_answers:
            self.lost_answers -= 1
            raise CommitUnknown


class World:
    """The ports of the handlers."""

    def __init__(self) -> None:
        self.database = Mortal()
        self.push = FakePush()
        self.now = NOW + timedelta(seconds=1)

    def person(self, uid: str, *tokens: str, language: str = "en", muted: Sequence[str] = ()) -> None:
        """Register a user with devices."""
        expected = {"uid": uid, "language": language, "push_tokens": list(tokens), "muted": list(muted)}
        self.database.seed(f"users/{uid}", expected)
        for token in tokens:
            self.database.seed(f"users/{uid}/devices/{device_id(token)}", {"token": token})

    def inbox(self, uid: str) -> list[str]:
        """Return the templates in the inbox of a user."""
        return sorted(entry["template"] for entry in self.database.collection(f"users/{uid}/inbox").values())


async def handle(event: Event) -> None:
    await HANDLERS[type(event)](event)
