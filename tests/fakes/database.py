"""`Database` in memory, with Firestore's semantics where they matter: consistent snapshots,
preconditions, create conflicts, all-or-nothing commits, queries that leave out missing fields and
put equals in the order of their ids."""

from __future__ import annotations

import copy
import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from operator import itemgetter
from typing import Any

from shared.adapters.firestore.database import CommitRefused, Operator, Query, Snapshot, Write
from shared.kernel.clock import Clock

RANGES = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
_MISSING = object()
Key = tuple[Callable[[Mapping[str, Any]], Any], bool]
"""What reads a sort field, and whether it sorts downwards."""


class MemoryDatabase:
    """See `shared.adapters.firestore.database.Database`; passes the same contract suite.

    `commits` counts what was applied; `reads`, `writes` and `deletes` count as Firestore bills. With a
    `clock`, snapshots say when they were read and changed by it.
    """

    def __init__(self, clock: Clock | None = None) -> None:
        self.clock = clock
        self.docs: dict[str, tuple[dict[str, Any], datetime]] = {}
        self.commits: list[list[Write]] = []
        self._ticks = 0

    async def ping(self) -> None:
        """Return always; the database in memory is always available."""

    async def get_all(self, paths: Sequence[str]) -> dict[str, Snapshot]:
        return {path: self.snapshot(path) for path in paths}

    async def query(self, query: Query) -> list[Snapshot]:
        keys = [(_getter(field.removeprefix("-")), field.startswith("-")) for field in query.order_by]
        downwards = bool(keys) and keys[-1][1]
        found = sorted(self._matching(query), key=itemgetter(0), reverse=downwards)
        order = keys + [(_getter(field), downwards) for field in _ranges(query)]
        for get, descending in reversed(order):  # each sort leaves equals in the order of the sorts before
            found.sort(key=lambda one: get(one[1]), reverse=descending)
        if query.start_after:
            found = [one for one in found if _is_after(one[1], query.start_after, keys)]
        return [self.snapshot(path) for path, _ in found[: query.limit]]

    def _matching(self, query: Query) -> Iterable[tuple[str, Mapping[str, Any]]]:
        """Return the documents that a query asks for, by path, in any order."""
        matches = matcher(query)
        return [
            (path, data)
            for path, (data, _) in self.docs.items()
            if _in_collection(path, query) and matches(data)
        ]

    async def count(self, query: Query) -> int:
        return len(await self.query(query))

    async def commit(self, writes: Sequence[Write]) -> None:
        for write in writes:
            self._check(write)
        stamp = self._stamp()
        for write in writes:
            self._apply(write, stamp)
        self.commits.append(list(writes))

    def seed(self, path: str, data: Mapping[str, Any]) -> None:
        """Store a document without preconditions."""
        self.docs[path] = (copy.deepcopy(dict(data)), self._stamp())

    def data(self, path: str) -> dict[str, Any]:
        """Return a copy of the fields of a document. Raises `KeyError` if it does not exist."""
        return copy.deepcopy(self.docs[path][0])

    def collection(self, name: str) -> dict[str, dict[str, Any]]:
        """Return a collection's documents by id."""
        prefix = f"{name}/"
        rest = {
            path.removeprefix(prefix): doc for path, (doc, _) in self.docs.items() if path.startswith(prefix)
        }
        return {id: copy.deepcopy(doc) for id, doc in rest.items() if "/" not in id}  # noqa: A001

    def _stamp(self) -> datetime:
        """Return the time of a change, which no other change has."""
        self._ticks += 1
        begin = self.clock() if self.clock else datetime(2026, 1, 1, tzinfo=UTC)
        return begin + timedelta(microseconds=self._ticks)

    def snapshot(self, path: str) -> Snapshot:
        """Return a document as it is read."""
        read_time = self.clock() if self.clock else None
        if path not in self.docs:
            return Snapshot(path, None, None, read_time)
        data, stamp = self.docs[path]
        return Snapshot(path, copy.deepcopy(data), stamp, read_time)

    def _check(self, write: Write) -> None:
        stored = self.docs.get(write.path)
        if write.operation == "create" and stored:
            raise CommitRefused(f"{write.path} exists")
        if write.operation == "update" and not stored:
            raise CommitRefused(f"{write.path} does not exist")
        if write.if_updated_at and (not stored or stored[1] != write.if_updated_at):
            raise CommitRefused(f"{write.path} has changed")

    def _apply(self, write: Write, stamp: datetime) -> None:
        fresh = copy.deepcopy(dict(write.data or {}))
        if write.operation == "delete":
            self.docs.pop(write.path, None)
            return
        stored = self.docs.get(write.path)
        if write.operation == "update" and stored:
            fresh = {**stored[0], **fresh}
        # A write that changes nothing leaves the update time, in Firestore too.
        self.docs[write.path] = (fresh, stored[1] if stored and stored[0] == fresh else stamp)


def _in_collection(path: str, query: Query) -> bool:
    parent = path.rsplit("/", 1)[0]
    return parent.rsplit("/", 1)[-1] == query.collection if query.group else parent == query.collection


def _ranges(query: Query) -> list[str]:
    """Return the sort fields that Firestore adds: those of ranges that are not sorted by anyway."""
    explicit = {field.removeprefix("-") for field in query.order_by}
    return sorted({field for field, sign, _ in query.where if sign in RANGES} - explicit)


@cache
def _getter(field: str) -> Callable[[Mapping[str, Any]], Any]:
    """Return what reads a field, which may be nested, from a document: `_MISSING` where it has none."""
    first, *rest = field.split(".")
    if not rest:
        return lambda data: data.get(field, _MISSING)

    def get(data: Mapping[str, Any]) -> Any:
        value = data.get(first, _MISSING)
        for part in rest:
            if not isinstance(value, dict | Mapping):  # dict first: the check is cheap
                return _MISSING
            value = value.get(part, _MISSING)
        return value

    return get


def matcher(query: Query) -> Callable[[Mapping[str, Any]], bool]:
    """Return what says whether a document of the collection is asked for."""
    conditions = [(_getter(field), sign, wanted) for field, sign, wanted in query.where]
    sorted_by = [_getter(field.removeprefix("-")) for field in query.order_by]

    def matches(data: Mapping[str, Any]) -> bool:
        for get, sign, wanted in conditions:  # before the order: few documents are left then
            if not _holds(get(data), sign, wanted):
                return False
        return not any(get(data) is _MISSING for get in sorted_by)

    return matches


def _holds(value: Any, sign: Operator, wanted: Any) -> bool:
    if value is _MISSING:
        return False
    if sign == "==":
        return bool(value == wanted)
    if sign == "in":
        return value in wanted
    if sign == "array-contains":
        return isinstance(value, list) and wanted in value
    if value is None or isinstance(value, bool) or type(value) is not type(wanted):
        return False
    return bool(RANGES[sign](value, wanted))


def _is_after(data: Mapping[str, Any], cursor: Sequence[Any], keys: Sequence[Key]) -> bool:
    """Say whether a document comes after the cursor: values of the sort fields, in their order."""
    for (get, descending), last in zip(keys, cursor, strict=True):
        value = get(data)
        if value != last:
            return bool(value < last if descending else value > last)
    return False
