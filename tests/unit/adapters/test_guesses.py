"""What a change takes for read or absent before its first attempt, and what happens where that is wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from shared.adapters.firestore.change import Docs, DocumentStore, Writes, absent
from shared.adapters.firestore.codec import Collection
from shared.adapters.firestore.database import Snapshot
from shared.kernel.decision import Decision
from shared.kernel.errors import Unavailable, WrongState
from shared.kernel.idempotency import AlreadyAnswered, IdempotencyKeyReused, IdempotentRequest
from tests.fakes.bus import MemoryBus
from tests.fakes.database import MemoryDatabase

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Jar:
    sweets: int


JARS = Collection("jars", Jar)


class Counting(MemoryDatabase):
    """Notes what is read; `down` answers no read."""

    def __init__(self, sweets: int = 1) -> None:
        super().__init__()
        self.read: list[str] = []
        self.down = False
        self.seed("jars/a", {"sweets": sweets})

    async def get_all(self, paths: Sequence[str]) -> dict[str, Snapshot]:
        if self.down:
            raise Unavailable
        self.read += paths
        return await super().get_all(paths)


async def _no_pause(_: int) -> None:
    await asyncio.sleep(0)


def _store(database: MemoryDatabase) -> DocumentStore:
    return DocumentStore(database, MemoryBus(), clock=lambda: NOW, pause=_no_pause)


def _take(docs: Docs) -> Decision[Writes, int]:
    jar = JARS.find(docs, "a")
    if jar is None or not jar.sweets:
        raise WrongState
    left = Jar(jar.sweets - 1)
    return Decision([JARS.update("a", jar, left)], [], left.sweets)


def _request(body: str = "body") -> IdempotentRequest:
    return IdempotentRequest("idm_1", body, lambda left: {"left": left})


async def test_a_new_key_costs_no_read() -> None:
    database = Counting()
    assert await _store(database).change(["jars/a"], _take, _request()) == 0
    assert database.read == ["jars/a"]


async def test_a_repeated_key_gets_its_answer_though_the_decision_would_refuse_now() -> None:
    store = _store(Counting())
    await store.change(["jars/a"], _take, _request())
    with pytest.raises(AlreadyAnswered) as answered:
        await store.change(["jars/a"], _take, _request())
    assert answered.value.answer == {"left": 0}


async def test_a_key_with_another_body_has_no_effect() -> None:
    database = Counting(sweets=9)
    await _store(database).change(["jars/a"], _take, _request())
    with pytest.raises(IdempotencyKeyReused):
        await _store(database).change(["jars/a"], _take, _request("another"))
    assert database.data("jars/a")["sweets"] == 8


async def test_a_document_that_was_read_a_moment_ago_is_not_read_again() -> None:
    database = Counting(sweets=3)
    seen = {"jars/a": database.snapshot("jars/a")}
    assert await _store(database).change(["jars/a"], _take, guess=seen) == 2
    assert database.read == []


async def test_a_document_that_has_changed_since_is_read_again_and_no_change_is_lost() -> None:
    database = Counting(sweets=3)
    seen = {"jars/a": database.snapshot("jars/a")}
    await _store(database).change(["jars/a"], _take)
    assert await _store(database).change(["jars/a"], _take, guess=seen) == 1


async def test_a_refusal_over_a_document_that_was_read_before_is_decided_again() -> None:
    database = Counting(sweets=0)
    seen = {"jars/a": database.snapshot("jars/a")}
    database.seed("jars/a", {"sweets": 1})
    assert await _store(database).change(["jars/a"], _take, guess=seen) == 0


async def test_a_document_that_should_be_new_and_exists_is_found() -> None:
    database = Counting()
    database.seed("jars/b", {"sweets": 7})

    def fill(docs: Docs) -> Decision[Writes, int]:
        if found := JARS.find(docs, "b"):
            return Decision([], [], found.sweets)
        return Decision([JARS.create("b", Jar(1))], [], 1)

    assert await _store(database).change(["jars/b"], fill, guess=absent("jars/b")) == 7


async def test_a_guess_that_the_decision_only_looks_at_is_read_after_all() -> None:
    database = Counting(sweets=5)
    stale = {"jars/b": Snapshot("jars/b", {"sweets": 1}, NOW)}

    def count(docs: Docs) -> Decision[Writes, int]:
        other, jar = JARS.find(docs, "b"), JARS.find(docs, "a")
        assert jar
        both = Jar(jar.sweets + (other.sweets if other else 0))
        return Decision([JARS.update("a", jar, both)], [], both.sweets)

    assert await _store(database).change(["jars/a", "jars/b"], count, guess=stale) == 5


async def test_a_database_that_is_down_ends_the_change() -> None:
    database = Counting()
    database.down = True
    with pytest.raises(Unavailable):
        await _store(database).change(["jars/a"], _take, _request())
