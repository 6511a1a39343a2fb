"""The document store under failures at every step."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import pytest

from shared.adapters.firestore.change import ATTEMPTS, Docs, DocumentStore, Writes
from shared.adapters.firestore.codec import Collection
from shared.adapters.firestore.database import CommitRefused, CommitUnknown, Write
from shared.adapters.firestore.read_set import require_read
from shared.kernel.decision import Decision
from shared.kernel.errors import AmbiguousOutcome, Contended, WrongState
from shared.kernel.event import OrderEvent, event_id
from shared.kernel.idempotency import AlreadyAnswered, IdempotencyKeyReused, IdempotentRequest
from tests.fakes.bus import MemoryBus
from tests.fakes.database import MemoryDatabase

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Counter:
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted(OrderEvent):
    TYPE: ClassVar[str] = "waybill.orders.counted.v1"


COUNTERS = Collection("orders", Counter)


class Faulty(MemoryDatabase):
    """Fails the commits of state (not those that clear the outbox) as scripted."""

    def __init__(self, *faults: str) -> None:
        super().__init__()
        self.faults = list(faults)
        self.seed("orders/a", {"count": 0})

    async def commit(self, writes: Sequence[Write]) -> None:
        fault = self.faults.pop(0) if self.faults else ""
        if fault == "refused":
            raise CommitRefused
        if fault == "lost":
            raise CommitUnknown
        await super().commit(writes)
        if fault == "applied_but_unknown":
            raise CommitUnknown
        if fault == "applied_but_refused":
            raise CommitRefused


async def _no_pause(_: int) -> None:
    await asyncio.sleep(0)


def _store(database: MemoryDatabase, bus: MemoryBus | None = None, now: datetime = NOW) -> DocumentStore:
    return DocumentStore(database, bus or MemoryBus(), clock=lambda: now, pause=_no_pause)


async def _count_up(
    store: DocumentStore, idempotency: IdempotentRequest | None = None, limit: int = 1_000
) -> Counter:
    def decide(docs: Docs) -> Decision[Writes, Counter]:
        before = COUNTERS.find(docs, "a")
        assert before is not None
        if before.count >= limit:
            raise WrongState
        after = replace(before, count=before.count + 1)
        event = Counted(id=event_id("a", "counted", str(after.count)), at=NOW, actor="u", order_id="a")
        return Decision([COUNTERS.update("a", before, after)], [event], after)

    return await store.change(["orders/a"], decide, idempotency)


def _request(body: str = "body") -> IdempotentRequest:
    return IdempotentRequest("idm_1", body, lambda counter: {"count": counter.count})


async def test_a_change_writes_state_and_timeline_and_publishes_its_event() -> None:
    database, bus = Faulty(), MemoryBus()

    assert (await _count_up(_store(database, bus))).count == 1

    order = database.data("orders/a")
    assert (order["count"], order["version"]) == (1, 1)
    assert order["timeline"] == [
        {
            "seq": 1,
            "event_id": event_id("a", "counted", "1"),
            "type": "counted",
            "at": NOW,
            "actor": "merchant",
        }
    ]
    assert bus.names() == ["counted"]
    assert database.collection("outbox") == {}


async def test_state_and_outbox_are_one_commit() -> None:
    database = Faulty()
    await _count_up(_store(database))

    assert {write.path.split("/")[0] for write in database.commits[0]} == {"orders", "outbox"}


async def test_an_event_that_the_bus_refuses_stays_in_the_outbox_and_the_caller_still_gets_the_result() -> (
    None
):
    database, bus = Faulty(), MemoryBus()
    bus.down = True

    assert (await _count_up(_store(database, bus))).count == 1
    assert len(database.collection("outbox")) == 1


async def test_a_refused_commit_is_decided_again_on_fresh_data() -> None:
    database = Faulty("refused", "refused")

    assert (await _count_up(_store(database))).count == 1


@pytest.mark.parametrize("fault", ["applied_but_unknown", "applied_but_refused"])
async def test_a_commit_whose_answer_was_lost_is_not_applied_twice_and_its_event_is_published(
    fault: str,
) -> None:
    database, bus = Faulty(fault), MemoryBus()

    assert (await _count_up(_store(database, bus))).count == 1
    assert database.data("orders/a")["count"] == 1
    assert bus.names() == ["counted"]


async def test_a_commit_that_was_lost_before_it_was_applied_is_made_again() -> None:
    database = Faulty("lost")

    assert (await _count_up(_store(database))).count == 1
    assert database.data("orders/a")["count"] == 1


async def test_without_any_answer_the_error_says_that_the_outcome_is_unknown() -> None:
    with pytest.raises(AmbiguousOutcome):
        await _count_up(_store(Faulty(*["lost"] * ATTEMPTS)))


async def test_a_change_that_keeps_losing_is_contended() -> None:
    with pytest.raises(Contended):
        await _count_up(_store(Faulty(*["refused"] * ATTEMPTS)))


async def test_concurrent_changes_of_one_document_all_count() -> None:
    database = Faulty()
    store = _store(database)

    await asyncio.gather(*(_count_up(store) for _ in range(8)))

    assert database.data("orders/a")["count"] == 8
    assert [entry["seq"] for entry in database.data("orders/a")["timeline"]] == list(range(1, 9))


async def test_of_two_hundred_concurrent_changes_for_the_last_one_exactly_one_succeeds() -> None:
    store = _store(Faulty())

    outcomes = await asyncio.gather(*(_count_up(store, limit=1) for _ in range(200)), return_exceptions=True)

    assert sum(isinstance(outcome, Counter) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, WrongState) for outcome in outcomes) == 199


async def test_an_error_of_the_decision_writes_nothing() -> None:
    database = Faulty()
    with pytest.raises(WrongState):
        await _count_up(_store(database), idempotency=_request(), limit=0)

    assert database.commits == []


async def test_the_same_key_and_body_gets_the_first_answer_and_has_one_effect() -> None:
    database = Faulty()
    store = _store(database)
    await _count_up(store, _request())
    await _count_up(store)

    with pytest.raises(AlreadyAnswered) as answered:
        await _count_up(store, _request())

    assert answered.value.answer == {"count": 1}
    assert database.data("orders/a")["count"] == 2


async def test_the_same_key_with_another_body_is_refused() -> None:
    store = _store(Faulty())
    await _count_up(store, _request())

    with pytest.raises(IdempotencyKeyReused):
        await _count_up(store, _request("another body"))


async def test_a_key_can_be_checked_before_its_change() -> None:
    store = _store(Faulty())
    await store.check_unanswered(_request())
    await _count_up(store, _request())

    with pytest.raises(AlreadyAnswered) as answered:
        await store.check_unanswered(_request())
    with pytest.raises(IdempotencyKeyReused):
        await store.check_unanswered(_request("another body"))

    assert answered.value.answer == {"count": 1}


async def test_ten_requests_at_once_with_one_key_have_one_effect_and_one_answer() -> None:
    database = Faulty()
    store = _store(database)

    outcomes = await asyncio.gather(
        *(_count_up(store, _request()) for _ in range(10)), return_exceptions=True
    )

    assert database.data("orders/a")["count"] == 1
    answers: list[Any] = [o.answer for o in outcomes if isinstance(o, AlreadyAnswered)]
    assert answers == [{"count": 1}] * 9


async def test_a_key_can_be_used_again_after_a_day_whether_or_not_it_was_swept() -> None:
    database = Faulty()
    await _count_up(_store(database), _request())

    later = _store(database, now=NOW + timedelta(hours=24))
    assert (await _count_up(later, _request("another body"))).count == 2


async def test_a_lost_answer_with_a_key_is_recognised_and_not_taken_for_a_repeated_request() -> None:
    database = Faulty("applied_but_unknown")

    assert (await _count_up(_store(database), _request())).count == 1


async def test_a_document_that_the_decision_looks_up_is_read_with_all_others_in_one_snapshot() -> None:
    database = Faulty()
    database.seed("orders/b", {"count": 5})
    reads: list[int] = []

    def decide(docs: Docs) -> Decision[Writes, int]:
        reads.append(len(docs))
        first = COUNTERS.find(docs, "a")
        second = COUNTERS.find(docs, "b")
        assert first
        assert second
        after = replace(first, count=first.count + second.count)
        return Decision([COUNTERS.update("a", first, after)], [], after.count)

    assert await _store(database).change(["orders/a"], decide) == 5
    assert reads == [1, 2]


async def test_several_required_documents_cost_one_more_read() -> None:
    reads: list[int] = []

    def decide(docs: Docs) -> Decision[Writes, None]:
        reads.append(len(docs))
        require_read(docs, ["orders/b", "orders/c", "orders/a"])
        return Decision([], [], None)

    await _store(Faulty()).change(["orders/a"], decide)
    assert reads == [1, 3]


async def test_a_decision_that_never_has_enough_documents_ends_as_contended() -> None:
    def endless(docs: Docs) -> Decision[Writes, None]:
        require_read(docs, [f"orders/{len(docs)}"])
        return endless(docs)

    with pytest.raises(Contended):
        await _store(Faulty()).change([], endless)


async def test_a_lost_answer_is_recognised_after_the_read_set_grew() -> None:
    database, bus = Faulty("applied_but_unknown"), MemoryBus()
    database.seed("orders/b", {"count": 1})

    def decide(docs: Docs) -> Decision[Writes, int]:
        first, second = COUNTERS.find(docs, "a"), COUNTERS.find(docs, "b")
        assert first
        assert second
        write = COUNTERS.update("b", second, replace(second, count=second.count + 1))
        return Decision([write], [], second.count)

    assert await _store(database, bus).change(["orders/a"], decide) == 1
    assert database.data("orders/b")["count"] == 2
