"""Changing state: one consistent read, one pure decision, one guarded commit.

State, timeline, outbox and the idempotency record ride in the same commit. Every document that was
read and is written carries its update time as precondition; when it moved meanwhile, the decision is
made again. After a lost answer the documents themselves tell whether the commit was applied: each
keeps the ids of its latest changes. See infra/adr/0001 and 0002.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from shared.adapters.firestore import outbox
from shared.adapters.firestore.codec import Create, Delete, DocumentWrite
from shared.adapters.firestore.database import CommitRefused, CommitUnknown, Database, Snapshot, Write
from shared.adapters.firestore.timeline import with_timeline
from shared.kernel.clock import Clock, utc_now
from shared.kernel.decision import Decision
from shared.kernel.errors import AmbiguousOutcome, Contended, Unavailable
from shared.kernel.event import Event, Message, Publisher
from shared.kernel.idempotency import RETENTION, IdempotentRequest
from shared.kernel.ids import NewId, new_id
from shared.kernel.pause import Pause, full_jitter

R = TypeVar("R")
Docs = Mapping[str, Snapshot]
Writes = Sequence[DocumentWrite]
"""What a decision about documents has as its new state."""

ATTEMPTS = 12
KEPT_CHANGES = 6
CHANGES = "_changes"

log = logging.getLogger(__name__)


class DocumentStore:
    """The one way in which adapters change documents."""

    def __init__(
        self,
        database: Database,
        publisher: Publisher,
        *,
        clock: Clock = utc_now,
        ids: NewId = new_id,
        pause: Pause = full_jitter,
    ) -> None:
        self.database = database
        self._publisher = publisher
        self._clock = clock
        self._ids = ids
        self._pause = pause

    async def change(
        self,
        paths: Sequence[str],
        decide: Callable[[Docs], Decision[Writes, R]],
        idempotency: IdempotentRequest | None = None,
    ) -> R:
        """Read `paths`, decide, commit, publish; return the decision's result.

        `decide` may run several times; whatever it raises ends the change with nothing written.
        Raises `AlreadyAnswered` or `IdempotencyKeyReused` when `idempotency` was seen before, `Contended`
        when others kept winning, `AmbiguousOutcome` when no answer could be had.
        """
        change_id = self._ids("chg")
        tried: Decision[Writes, R] | None = None
        writes: list[Write] = []
        unknown = False
        for attempt in range(ATTEMPTS):
            docs = await self._read(paths, idempotency, writes)
            if tried is not None and _applied(docs, writes, change_id):
                return await self._published(tried)
            tried = self._decide(docs, decide, idempotency)
            writes = self._writes(docs, tried, idempotency, change_id)
            if not writes:
                return tried.result
            try:
                await self.database.commit(writes)
            except CommitRefused:
                await self._pause(attempt)
            except CommitUnknown:
                unknown = True
                log.warning("commit_unknown", extra={"attempt": attempt})
                await self._pause(attempt)
            else:
                return await self._published(tried)
        raise AmbiguousOutcome if unknown else Contended

    async def check_unanswered(self, idempotency: IdempotentRequest) -> None:
        """Raise `AlreadyAnswered` or `IdempotencyKeyReused` when `idempotency` was seen before.

        For work that comes before the change; the change itself looks again.
        """
        self._check_unseen(await self.database.get_all([_record_path(idempotency)]), idempotency)

    async def _read(
        self, paths: Sequence[str], idempotency: IdempotentRequest | None, doubtful: Sequence[Write]
    ) -> Docs:
        """Read what the decision rests on and, after a doubtful commit, all that bears its mark."""
        wanted = dict.fromkeys(paths)
        if idempotency:
            wanted[_record_path(idempotency)] = None
        wanted.update(dict.fromkeys(write.path for write in doubtful if CHANGES in (write.data or {})))
        return await self.database.get_all(list(wanted))

    def _decide(
        self, docs: Docs, decide: Callable[[Docs], Decision[Writes, R]], idempotency: IdempotentRequest | None
    ) -> Decision[Writes, R]:
        if idempotency:
            self._check_unseen(docs, idempotency)
        return decide(docs)

    def _check_unseen(self, docs: Docs, idempotency: IdempotentRequest) -> None:
        if record := docs[_record_path(idempotency)].data:
            answer = json.loads(record["answer"])
            idempotency.check(record["fingerprint"], answer, record["expires_at"], self._clock())

    def _writes(
        self,
        docs: Docs,
        decision: Decision[Writes, Any],
        idempotency: IdempotentRequest | None,
        change_id: str,
    ) -> list[Write]:
        timed = with_timeline(docs, decision.state, decision.events)
        writes = [_guarded(docs, write, change_id) for write in timed]
        writes += [outbox.create(message) for message in _messages(decision.events)]
        if idempotency:
            writes.append(self._record(docs, idempotency, decision.result))
        return writes

    def _record(self, docs: Docs, idempotency: IdempotentRequest, result: Any) -> Write:
        path = _record_path(idempotency)
        data = {
            "fingerprint": idempotency.fingerprint,
            "answer": json.dumps(idempotency.render(result)),
            "expires_at": self._clock() + RETENTION,
        }
        stored = docs[path]
        return Write("update" if stored.data else "create", path, data, stored.update_time)

    async def _published(self, decision: Decision[Writes, R]) -> R:
        """Tell the bus, then clear the outbox; what fails here the sweeper makes good."""
        messages = _messages(decision.events)
        if messages:
            try:
                await self._publisher.publish(messages)
                await self.database.commit(
                    [Write("delete", outbox.MESSAGES.path(message.id)) for message in messages]
                )
            except (Unavailable, CommitUnknown, CommitRefused) as error:
                log.warning("outbox_left_to_sweeper", extra={"error": type(error).__name__})
        return decision.result


def _record_path(idempotency: IdempotentRequest) -> str:
    return f"idempotency/{idempotency.id}"


def _messages(events: Iterable[Event]) -> list[Message]:
    return [outbox.encode(event) for event in events if event.PUBLISHED]


def _applied(docs: Docs, writes: Sequence[Write], change_id: str) -> bool:
    """Say whether an earlier try of this very change stands in any document that it marked."""
    found = (docs[write.path].data or {} for write in writes if write.path in docs)
    return any(change_id in data.get(CHANGES, ()) for data in found)


def _guarded(docs: Docs, write: DocumentWrite, change_id: str) -> Write:
    stored = docs.get(write.path)
    if isinstance(write, Delete):
        return Write("delete", write.path, None, stored.update_time if stored else None)
    if isinstance(write, Create):
        return Write("create", write.path, {**write.data, CHANGES: [change_id]})
    if stored is None or stored.data is None:
        raise LookupError(f"a change of {write.path}, which the decision did not read")
    marks = [*stored.data.get(CHANGES, ())[-KEPT_CHANGES + 1 :], change_id]
    return Write("update", write.path, {**write.data, CHANGES: marks}, stored.update_time)
