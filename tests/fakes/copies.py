"""`Copies` in memory, by a clock that is passed in; they pass the contract suite."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from shared.adapters.copies import CopyRules, Found
from shared.adapters.firestore.copies import CopiedDocuments
from shared.adapters.firestore.database import Database
from shared.kernel.errors import Unavailable
from shared.kernel.ids import new_id


class MemoryCopies:
    """See `Copies`; `down` answers nothing."""

    def __init__(self, clock: Callable[[], datetime], rules: CopyRules = CopyRules()) -> None:  # noqa: B008
        self.down = False
        self._clock, self._rules = clock, rules
        self.wipe()

    def wipe(self) -> None:
        """Lose everything."""
        self._since: datetime | None = None
        self._trusted_until: datetime | None = None
        self._places: dict[str, tuple[str, datetime]] = {}
        self._holds: defaultdict[str, dict[str, datetime]] = defaultdict(dict)

    async def get(self, key: str, token: str) -> Found:
        now = self._answer()
        trusted = self._trusted_until is not None and now < self._trusted_until
        if self._held(key, now):
            return Found(None, False, trusted)
        if place := self._place(key, now):
            return Found(place[1:] if place[0] == "=" else None, False, trusted)
        self._places[key] = (f"?{token}", now + self._rules.lease)
        return Found(None, True, trusted)

    async def put(self, key: str, token: str, value: str) -> None:
        now = self._answer()
        leased = self._place(key, now) == f"?{token}" and not self._held(key, now)
        if leased and self._since is not None and now >= self._since + self._rules.wary:
            self._places[key] = (f"={value}", now + self._rules.lifetime)

    async def trust(self, key: str, lasting: timedelta) -> None:
        self._trusted_until = self._answer() + lasting

    async def hold(self, keys: Sequence[str], holder: str) -> None:
        now = self._answer()
        for key in keys:
            self._holds[key][holder] = now + self._rules.hold
            self._places.pop(key, None)

    async def release(self, keys: Sequence[str], holder: str) -> None:
        self._answer()
        for key in keys:
            self._holds[key].pop(holder, None)
            self._places.pop(key, None)

    def _held(self, key: str, now: datetime) -> bool:
        return any(now < until for until in self._holds[key].values())

    def _place(self, key: str, now: datetime) -> str | None:
        value, until = self._places.get(key, ("", now))
        return value if now < until else None

    def _answer(self) -> datetime:
        if self.down:
            raise Unavailable
        now = self._clock()
        self._since = self._since or now
        return now


def copied(database: Database, copies: MemoryCopies | None = None) -> CopiedDocuments:
    """Return a database's copied documents, whose copies stay empty unless some are given."""
    clock = _never if copies is None else copies._clock
    return CopiedDocuments(
        copies or MemoryCopies(clock), database, clock=clock, ids=new_id, rules=CopyRules()
    )


def _never() -> datetime:
    return datetime.fromisoformat("2026-11-20T12:00:00+00:00")
