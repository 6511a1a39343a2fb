"""How slow the emulators are when told to be: the admin port changes it while the stack runs."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from emulators.clock import Clock, SystemClock, pause
from emulators.firestore_proxy import FirestoreProxy

LONGEST_SECONDS = 600.0


class Slowness(BaseModel):
    """Seconds that each call takes longer; with zeros, which are the default, nothing is slower.

    A call has its effect after this time: one whose caller hangs up before has none.
    """

    model_config = ConfigDict(extra="forbid", validate_assignment=True)

    create_task: float = Field(default=0, ge=0, le=LONGEST_SECONDS)
    commit: float = Field(default=0, ge=0, le=LONGEST_SECONDS)
    """Of Firestore, for the functions alone."""


class SlowFirestore(FirestoreProxy):
    """A proxy whose commits take as much longer as `slowness` says."""

    def __init__(self, port: int, slowness: Slowness, clock: Clock | None = None) -> None:
        super().__init__(port)
        self._slowness = slowness
        self._clock = clock or SystemClock()

    async def passes(self, method: str, request: bytes) -> bool:
        """Delay commits; nothing is lost."""
        if method == "Commit":
            await pause(self._clock, self._slowness.commit)
        return True
