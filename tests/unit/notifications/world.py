"""The ports of the notification handlers, in memory."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from functions.notifications_events.handlers import HANDLERS
from shared.adapters.firestore.codec import to_document
from shared.adapters.firestore.database import CommitUnknown, Write
from shared.composition.notifications import NotificationsPorts
from shared.kernel.device import device_id
from shared.kernel.event import Event
from tests.builders import membership
from tests.fakes.database import MemoryDatabase
from tests.fakes.notifications import FakePush
from tests.fakes.runtime import FakeRuntime
from tests.unit.notifications.events import MERCHANT, NOW, STAFF


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
        self.hire(*STAFF)
        self.ports = NotificationsPorts(FakeRuntime(database=self.database, externals={"push": self.push}))

    def person(self, uid: str, *tokens: str, language: str = "en", muted: Sequence[str] = ()) -> None:
        """Register a user with devices."""
        user = {"uid": uid, "language": language, "push_tokens": list(tokens), "muted": list(muted)}
        self.database.seed(f"users/{uid}", user)
        for token in tokens:
            self.database.seed(f"users/{uid}/devices/{device_id(token)}", {"token": token})

    def hire(self, *uids: str) -> None:
        """Add members to the staff of the merchant."""
        for uid in uids:
            self.database.seed(f"merchants/{MERCHANT}/staff/{uid}", to_document(membership(uid, MERCHANT)))

    def dismiss(self, uid: str) -> None:
        """Remove a member of the staff."""
        self.database.docs.pop(f"merchants/{MERCHANT}/staff/{uid}")

    def inbox(self, uid: str) -> list[str]:
        """Return the templates in the inbox of a user."""
        return sorted(entry["template"] for entry in self.database.collection(f"users/{uid}/inbox").values())

    async def handle(self, event: Event) -> None:
        """Deliver an event to its handler."""
        await HANDLERS[type(event)](event, self.ports, self.now)
