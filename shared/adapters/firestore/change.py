"""Change state: one consistent read, one pure decision, one guarded commit.

State, timeline, outbox and idempotency record are written in one commit. Every document that was read and
is written has its update time as precondition: when another process changed it, the store decides again.
After a lost answer the store reads the documents to see whether the commit was applied: each document
keeps the ids of its latest changes. See infra/adr/0001 and 0002.

What the commit itself would notice need not be read first: a document read a moment ago, one that should not
exist, the record of an idempotency key that is new to us. The first attempt guesses these (ADR 0025).
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from shared.adapters.firestore import outbox
from shared.adapters.firestore.codec import Create, Delete, DocumentWrite
from shared.adapters.firestore.copies import Committer
from shared.adapters.firestore.database import CommitRefused, CommitUnknown, Database, Snapshot, Write
from shared.adapters.firestore.read_set import Docs as Docs
from shared.adapters.firestore.read_set import NotRead, ReadSet
from shared.adapters.firestore.timeline import with_timeline
from shared.kernel.clock import Clock, utc_now
from shared.kernel.decision import Decision
from shared.kernel.errors import AmbiguousOutcome, Contended, Unavailable
from shared.kernel.event import Event, Message, Publisher, PublishRefused
from shared.kernel.idempotency import RETENTION, IdempotentRequest
from shared.kernel.ids import NewId, new_id
from shared.kernel.pause import Pause, full_jitter

R = TypeVar("R")
Writes = Sequence[DocumentWrite]
"""The new state of a decision about documents."""

ATTEMPTS = 12
MAX_EXPANSIONS = 8
"""How often a decision may ask for further documents within one attempt."""

KEPT_CHANGES = 6
CHANGES = "_changes"

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Change(Generic[R]):
    """A change in progress: what to decide over which documents, and the last attempt."""

    id: str
    paths: list[str]
    decide: Callable[[Docs], Decision[Writes, R]]
    idempotency: IdempotentRequest | None
    guess: Docs
    decision: Decision[Writes, R] | None = None
    writes: Sequence[Write] = ()
    unknown: bool = False
    """Whether the answer to a commit was lost."""

    @property
    def read_set(self) -> list[str]:
        """The documents to read: those of the decision, the idempotency record, those of the last attempt."""
        marked = [write.path for write in self.writes if CHANGES in (write.data or {})]
        record = [_record_path(self.idempotency)] if self.idempotency else []
        return list(dict.fromkeys([*self.paths, *record, *marked]))

    def is_applied(self, docs: Docs) -> bool:
        """Return whether an earlier attempt was applied, according to the documents that it marked."""
        found = (docs[write.path].data or {} for write in self.writes if write.path in docs)
        # mutant: taken-for-refusal, taken-for-yes
        return any(self.id in data.get(CHANGES, ()) for data in found)


_Decided = tuple[Decision[Writes, R], Sequence[Write]]
"""A decision and what to commit."""


def absent(*paths: str) -> Mapping[str, Snapshot]:
    """Return the guess that these documents do not exist."""
    return {path: Snapshot(path, None) for path in paths}


class DocumentStore:
    """Changes documents for all adapters."""

    def __init__(
        self,
        database: Database,
        publisher: Publisher,
        *,
        clock: Clock = utc_now,
        ids: NewId = new_id,
        pause: Pause = full_jitter,
        committer: Committer | None = None,
    ) -> None:
        """Change documents; by default no document is expected to have copies."""
        self.database = database
        self._committer = committer or _Plain(database)
        self._publisher = publisher
        self.clock = clock
        self._ids = ids
        self._pause = pause

    async def change(
        self,
        paths: Sequence[str],
        decide: Callable[[Docs], Decision[Writes, R]],
        idempotency: IdempotentRequest | None = None,
        guess: Docs | None = None,
    ) -> R:
        """Read `paths`, decide, commit, publish; return the result of the decision.

        `decide` may run several times; an error that it raises ends the change with nothing written. If it
        looks up a document that was not read, the store reads that too. Documents in `guess`, as they were
        read a moment ago or `absent`, are not read for a decision that writes all of them. Raises
        `AlreadyAnswered` or `IdempotencyKeyReused` for a repeated request, `Contended` when other changes
        kept winning, `AmbiguousOutcome` when no answer arrived.
        """
        record = absent(_record_path(idempotency)) if idempotency else {}
        change = _Change(self._ids("chg"), list(paths), decide, idempotency, {**(guess or {}), **record})
        for attempt in range(ATTEMPTS):
            decision, writes = await self._guessed(change) or await self._decide(change)
            try:
                if writes:
                    await self._committer.commit(writes, change.id)  # mutant: publish-early
                return await self._published(decision)
            except CommitRefused:
                await self._pause(attempt)
            except CommitUnknown:
                change.unknown = True
                log.warning("commit_unknown", extra={"attempt": attempt})
                await self._pause(attempt)
        raise AmbiguousOutcome if change.unknown else Contended

    async def check_unanswered(self, idempotency: IdempotentRequest) -> None:
        """Raise `AlreadyAnswered` or `IdempotencyKeyReused` for a request that was answered before.

        For work that comes before the change; the change itself checks again.
        """
        docs = await self.database.get_all([_record_path(idempotency)])
        self._check_record(docs, idempotency)

    async def _guessed(self, change: _Change[R]) -> _Decided[R] | None:
        """Return the decision over guessed documents, once: None where the commit would not notice a mistake.

        A refusal, of whatever kind, may rest on what was guessed, and a guess that is not written is not
        compared by the commit: then everything is read.
        """
        guess, change.guess = change.guess, {}
        if not guess:
            return None
        left = [path for path in change.read_set if path not in guess]
        docs = ReadSet({**guess, **(await self.database.get_all(left) if left else {})})
        try:
            decision, writes = await self._decided(change, docs)
            if guess.keys() <= {write.path for write in writes}:
                return decision, writes
        except Unavailable:
            raise
        except Exception:
            log.debug("refused_over_a_guess")  # mutant: guess-refuses
        change.decision, change.writes = None, ()
        return None

    async def _decide(self, change: _Change[R]) -> _Decided[R]:
        """Return the decision and the writes to commit: none when an earlier attempt was applied."""
        docs = ReadSet(await self.database.get_all(change.read_set))
        if change.decision is not None and change.is_applied(docs):
            return change.decision, ()
        if change.idempotency:  # mutant: no-idempotency-check
            self._check_record(docs, change.idempotency)
        return await self._decided(change, docs)

    async def _decided(self, change: _Change[R], docs: ReadSet) -> _Decided[R]:
        for _ in range(MAX_EXPANSIONS):
            try:
                change.decision = change.decide(docs)
            except NotRead as more:
                change.paths += more.paths
                unchanged = self._committer.snapshots if more.unchanged else self.database.get_all
                docs.update(await unchanged(more.paths))
                continue
            change.writes = self._writes(docs, change.decision, change)
            return change.decision, change.writes
        raise Contended

    def _check_record(self, docs: Docs, idempotency: IdempotentRequest) -> None:
        if record := docs[_record_path(idempotency)].data:
            answer = json.loads(record["answer"])
            idempotency.check(record["fingerprint"], answer, record["expires_at"], self.clock())

    def _writes(self, docs: Docs, decision: Decision[Writes, R], change: _Change[R]) -> list[Write]:
        timed = with_timeline(docs, decision.state, decision.events)
        writes = [_guarded(docs, write, change.id) for write in timed]
        # mutant: no-outbox-entry
        writes += [outbox.create(message) for message in _messages(decision.events)]
        if change.idempotency:
            # mutant: no-idempotency-record
            writes.append(self._record(docs, change.idempotency, decision.result))
        return writes

    def _record(self, docs: Docs, idempotency: IdempotentRequest, result: Any) -> Write:
        path = _record_path(idempotency)
        data = {
            "fingerprint": idempotency.fingerprint,
            "answer": json.dumps(idempotency.render(result)),
            "expires_at": self.clock() + RETENTION,
        }
        stored = docs[path]
        return Write("update" if stored.data else "create", path, data, stored.update_time)

    async def _published(self, decision: Decision[Writes, R]) -> R:
        """Publish the events, then clear the outbox; the sweeper repeats what fails here."""
        messages = _messages(decision.events)
        if messages:
            try:
                await self._publisher.publish(messages)  # mutant: outbox-deleted-early, not-published
                await self.database.commit(
                    [Write("delete", outbox.MESSAGES.path(message.id)) for message in messages]
                )
            except (Unavailable, PublishRefused, CommitUnknown, CommitRefused) as error:
                log.warning("outbox_left_to_sweeper", extra={"error": type(error).__name__})
        return decision.result


class _Plain:
    """`Committer` where there are no copies."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def snapshots(self, paths: Sequence[str]) -> dict[str, Snapshot]:
        return await self._database.get_all(paths)

    async def commit(self, writes: Sequence[Write], change_id: str) -> None:
        await self._database.commit(writes)


def _record_path(idempotency: IdempotentRequest) -> str:
    return f"idempotency/{idempotency.id}"


def _messages(events: Iterable[Event]) -> list[Message]:
    return [outbox.encode(event) for event in events if event.PUBLISHED]


def _guarded(docs: Docs, write: DocumentWrite, change_id: str) -> Write:
    stored = docs.get(write.path)
    if isinstance(write, Delete):
        return Write("delete", write.path, None, stored.update_time if stored else None)
    if isinstance(write, Create):
        return Write("create", write.path, {**write.data, CHANGES: [change_id]})
    if stored is None or stored.data is None:
        raise LookupError(f"an update of {write.path}, which the decision did not read")
    marks = [*stored.data.get(CHANGES, ())[-KEPT_CHANGES + 1 :], change_id]
    # mutant: no-precondition
    return Write("update", write.path, {**write.data, CHANGES: marks}, stored.update_time)
