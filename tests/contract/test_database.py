"""One suite for `Database`: the in-memory fake and Firestore's emulator behave alike."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from shared.adapters.firestore.database import CommitRefused, Database, Query, Write
from tests.fakes.database import MemoryDatabase

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture(params=["fake", pytest.param("emulator", marks=pytest.mark.emulator)])
async def database(request: pytest.FixtureRequest) -> AsyncIterator[Database]:
    if request.param == "fake":
        yield MemoryDatabase()
        return
    from shared.adapters.firestore.client import FirestoreDatabase

    stack = request.getfixturevalue("stack")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FIRESTORE_EMULATOR_HOST", stack.env["FIRESTORE_EMULATOR_HOST"])
        yield FirestoreDatabase(f"contract-{uuid.uuid4().hex[:8]}")


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


async def test_a_put_replaces_whatever_there_is_and_a_delete_of_nothing_is_fine(database: Database) -> None:
    await _create(database, "things/a", n=1, m=1)
    await database.commit([Write("put", "things/a", {"n": 2}), Write("delete", "things/b")])

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
