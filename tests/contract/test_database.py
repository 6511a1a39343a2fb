"""One suite for `Database`: the in-memory fake, the simulation's and Firestore's emulator behave alike."""

from __future__ import annotations

import asyncio
import socket
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from google.api_core.exceptions import ServiceUnavailable
from google.api_core.retry import AsyncRetry, if_exception_type

from shared.adapters.firestore import client
from shared.adapters.firestore.client import FirestoreDatabase
from shared.adapters.firestore.database import CommitRefused, CommitUnknown, Database, Query, Write
from shared.kernel.errors import Unavailable
from tests.contract.simulated import Script, wire
from tests.simulation.ports.database import SimulatedDatabase, Store
from tests.simulation.scenario import Fault

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


async def _create(database: Database, path: str, **data: object) -> None:
    await database.commit([Write("create", path, data)])


async def test_a_missing_document_has_no_data(database: Database) -> None:
    found = await database.get_all(["things/a", "things/b"])

    assert {path: snap.data for path, snap in found.items()} == {"things/a": None, "things/b": None}


async def test_what_was_created_is_read_back_with_its_types(database: Database) -> None:
    data = {
        "text": "é",
        "count": 2,
        "at": NOON,
        "tags": ["x"],
        "nested": {"none": None, "yes": True, "f": 1.5},
    }
    await database.commit([Write("create", "things/a", data)])

    assert (await database.get_all(["things/a"]))["things/a"].data == data


async def test_creating_what_exists_is_refused_and_applies_nothing_else(database: Database) -> None:
    await _create(database, "things/a", n=1)

    with pytest.raises(CommitRefused):
        await database.commit([Write("create", "things/b", {"n": 2}), Write("create", "things/a", {"n": 3})])

    found = await database.get_all(["things/a", "things/b"])
    assert (found["things/a"].data, found["things/b"].data) == ({"n": 1}, None)


async def test_an_update_replaces_the_named_fields_and_leaves_the_others(database: Database) -> None:
    await _create(database, "things/a", kept=1, map={"x": 1, "y": 2})
    stamp = (await database.get_all(["things/a"]))["things/a"].update_time

    await database.commit([Write("update", "things/a", {"map": {"x": 3}}, stamp)])

    assert (await database.get_all(["things/a"]))["things/a"].data == {"kept": 1, "map": {"x": 3}}


async def test_an_update_of_what_has_changed_since_is_refused(database: Database) -> None:
    await _create(database, "things/a", n=1)
    stamp = (await database.get_all(["things/a"]))["things/a"].update_time
    await database.commit([Write("update", "things/a", {"n": 2}, stamp)])

    with pytest.raises(CommitRefused):
        await database.commit([Write("update", "things/a", {"n": 3}, stamp)])


async def test_a_write_that_changes_nothing_leaves_the_update_time(database: Database) -> None:
    await _create(database, "things/a", n=1)
    stamp = (await database.get_all(["things/a"]))["things/a"].update_time
    await database.commit([Write("update", "things/a", {"n": 1}, stamp)])

    assert (await database.get_all(["things/a"]))["things/a"].update_time == stamp


async def test_an_update_of_what_does_not_exist_is_refused(database: Database) -> None:
    with pytest.raises(CommitRefused):
        await database.commit([Write("update", "things/a", {"n": 3})])


async def test_a_set_replaces_the_document_and_a_delete_of_a_missing_one_is_no_error(
    database: Database,
) -> None:
    await _create(database, "things/a", n=1, m=1)
    await database.commit([Write("set", "things/a", {"n": 2}), Write("delete", "things/b")])

    assert (await database.get_all(["things/a"]))["things/a"].data == {"n": 2}


async def test_a_delete_of_what_has_changed_since_is_refused(database: Database) -> None:
    await _create(database, "things/a", n=1)
    stamp = (await database.get_all(["things/a"]))["things/a"].update_time
    await database.commit([Write("update", "things/a", {"n": 2}, stamp)])

    with pytest.raises(CommitRefused):
        await database.commit([Write("delete", "things/a", None, stamp)])


async def test_of_twenty_commits_on_one_version_exactly_one_is_applied(database: Database) -> None:
    await _create(database, "things/a", n=0)
    stamp = (await database.get_all(["things/a"]))["things/a"].update_time

    outcomes = await asyncio.gather(
        *(database.commit([Write("update", "things/a", {"n": n}, stamp)]) for n in range(1, 21)),
        return_exceptions=True,
    )

    assert [outcome is None for outcome in outcomes].count(True) == 1
    assert all(outcome is None or isinstance(outcome, CommitRefused) for outcome in outcomes)


async def test_a_query_filters_orders_and_limits(database: Database) -> None:
    for n in range(5):
        await _create(database, f"things/{n}", n=n, even=n % 2 == 0, tags=["low" if n < 3 else "high"])

    async def ids(**query: object) -> list[str]:
        return [snap.id for snap in await database.query(Query("things", **query))]  # type: ignore[arg-type]

    assert await ids(where=(("even", "==", True),), order_by=("-n",)) == ["4", "2", "0"]
    assert await ids(where=(("n", ">=", 1), ("n", "<", 4)), order_by=("n",)) == ["1", "2", "3"]
    assert await ids(where=(("n", "in", [1, 4]),)) == ["1", "4"]
    assert await ids(where=(("tags", "array-contains", "high"),)) == ["3", "4"]
    assert await ids(order_by=("-n",), limit=2) == ["4", "3"]
    assert await ids(order_by=("-n",), limit=2, start_after=(3,)) == ["2", "1"]


async def test_a_count_is_that_of_the_matches_up_to_the_limit(database: Database) -> None:
    for name, kind in (("a", "x"), ("b", "x"), ("c", "y")):
        await _create(database, f"things/{name}", kind=kind)
    of_x = Query("things", where=(("kind", "==", "x"),))

    assert await database.count(Query("things")) == 3
    assert await database.count(of_x) == 2
    assert await database.count(replace(of_x, limit=1)) == 1
    assert await database.count(Query("nothings")) == 0


async def test_equals_come_in_the_order_of_their_ids_as_the_last_field_runs(
    database: Database,
) -> None:
    for id_, n in (("a", 1), ("b", 2), ("c", 2), ("d", 1)):
        await _create(database, f"things/{id_}", n=n)

    async def ids(*order_by: str) -> list[str]:
        return [snap.id for snap in await database.query(Query("things", order_by=order_by))]

    assert await ids() == ["a", "b", "c", "d"]
    assert await ids("n") == ["a", "d", "b", "c"]
    assert await ids("-n") == ["c", "b", "d", "a"]


async def test_a_range_orders_by_its_field_implicitly(database: Database) -> None:
    for id_, n in (("a", 3), ("b", 1), ("c", 2), ("d", 0)):
        await _create(database, f"things/{id_}", n=n)

    found = await database.query(Query("things", where=(("n", ">", 0),), limit=2))
    assert [snap.id for snap in found] == ["b", "c"]


async def test_pages_of_equal_values_neither_repeat_nor_lose_a_document(database: Database) -> None:
    for id_ in "abcde":
        await _create(database, f"things/{id_}", id=id_, n=1 if id_ < "d" else 2)

    seen: list[tuple[int, str]] = []
    while page := await database.query(
        Query("things", order_by=("-n", "-id"), limit=2, start_after=seen[-1] if seen else ())
    ):
        seen += [((snap.data or {})["n"], snap.id) for snap in page]
    assert [id_ for _, id_ in seen] == ["e", "d", "c", "b", "a"]


async def test_keys_of_a_map_may_hold_dots(database: Database) -> None:
    await _create(database, "things/a", by={"asha@example.com": 1})
    await database.commit([Write("update", "things/a", {"by": {"ravi@example.com": 2}})])

    assert (await database.get_all(["things/a"]))["things/a"].data == {"by": {"ravi@example.com": 2}}


async def test_a_query_by_time_and_a_nested_field_leaves_out_documents_without_it(database: Database) -> None:
    await _create(database, "things/a", at=NOON, state={"name": "open"})
    await _create(database, "things/b", at=None, state={"name": "open"})
    await _create(database, "things/c", state={"name": "open"})

    late = Query("things", where=(("state.name", "==", "open"), ("at", "<=", NOON)), order_by=("at",))
    assert [snap.id for snap in await database.query(late)] == ["a"]


async def test_a_query_does_not_see_sub_collections_unless_it_asks_for_the_group(database: Database) -> None:
    await _create(database, "things/a/parts/p", n=1)
    await _create(database, "parts/q", n=1)

    assert [snap.path for snap in await database.query(Query("parts"))] == ["parts/q"]
    assert [snap.path for snap in await database.query(Query("things/a/parts"))] == ["things/a/parts/p"]
    assert {s.path for s in await database.query(Query("parts", group=True))} == {
        "parts/q",
        "things/a/parts/p",
    }


async def test_a_lost_answer_of_the_simulation_is_the_error_that_firestore_gives() -> None:
    script = Script()
    database = SimulatedDatabase(wire(script), Store(), lambda _, __: None)
    for operation, ask in (
        ("get_all", lambda: database.get_all(["things/a"])),
        ("query", lambda: database.query(Query("things"))),
    ):
        script.strike("read-failed", f"database.{operation}")
        with pytest.raises(Unavailable):
            await ask()
    for fault, applied in ((Fault.LOST, None), (Fault.AMBIGUOUS, {"n": 1})):
        script.strike(fault, "database.commit")
        with pytest.raises(CommitUnknown):
            await _create(database, "things/a", n=1)
        assert (await database.get_all(["things/a"]))["things/a"].data == applied


@pytest.mark.parametrize("listens", [False, True], ids=["not there", "silent"])
async def test_a_firestore_without_answers_times_out(monkeypatch: pytest.MonkeyPatch, listens: bool) -> None:
    again = AsyncRetry(if_exception_type(ServiceUnavailable), initial=0.01, maximum=0.02, timeout=0.1)
    monkeypatch.setattr(client, "_READ_RETRY", again)
    monkeypatch.setattr(client, "TIMEOUT_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1] if listens else 1
        monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", f"127.0.0.1:{port}")
        database = FirestoreDatabase("contract-nowhere")
        with pytest.raises(Unavailable):
            await database.get_all(["things/a"])
        with pytest.raises(Unavailable):
            await database.query(Query("things"))
        with pytest.raises(CommitUnknown):
            await _create(database, "things/a", n=1)
