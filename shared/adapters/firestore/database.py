"""The Firestore operations that Waybill uses, and the errors of each.

`change.py` and the stores of the contexts use the `Database` protocol, so that tests can run the same code
over a database in memory with the same semantics.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol

Document = Mapping[str, Any]
Operator = Literal["==", "<", "<=", ">", ">=", "in", "array-contains"]


class CommitRefused(Exception):
    """A precondition did not hold: nothing was applied."""


class CommitUnknown(Exception):
    """The answer was lost: the commit was applied whole, or not at all."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One document as of one moment; `data` is None if it does not exist.

    `read_time` is that moment, and `update_time` that of the document's last change, both by the clock of
    the database.
    """

    path: str
    data: Document | None
    update_time: datetime | None = None
    read_time: datetime | None = None

    @property
    def id(self) -> str:
        """The last segment of the path."""
        return self.path.rsplit("/", 1)[1]


@dataclass(frozen=True, slots=True)
class Write:
    """One write of a commit.

    `create` requires that the document does not exist; `update` replaces the given top-level fields
    and requires `if_updated_at`; `set` replaces the document and requires nothing; `delete` requires
    `if_updated_at` when it is given.
    """

    operation: Literal["create", "update", "set", "delete"]
    path: str
    data: Document | None = None
    if_updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Query:
    """A query over one collection (or, with `group`, all collections of that name)."""

    collection: str
    where: tuple[tuple[str, Operator, Any], ...] = ()
    order_by: tuple[str, ...] = ()
    """Field paths; a leading `-` means descending."""
    limit: int = 100
    start_after: tuple[Any, ...] = ()
    """The values of the `order_by` fields after which the results start."""
    group: bool = False


class Database(Protocol):
    """The Firestore operations of the adapters. Reads raise `shared.kernel.errors.Unavailable`."""

    async def get_all(self, paths: Sequence[str]) -> dict[str, Snapshot]:
        """Return a snapshot of every path, all as of the same moment."""
        ...

    async def query(self, query: Query) -> list[Snapshot]:
        """Return the matching documents, in order."""
        ...

    async def count(self, query: Query) -> int:
        """Return the number of matching documents, up to the limit; a thousand cost as much as one read."""
        ...

    async def ping(self) -> None:
        """Return when the database answers. Raises `Unavailable`."""
        ...

    async def commit(self, writes: Sequence[Write]) -> None:
        """Apply all writes or none.

        Raises `CommitRefused` when a precondition fails, `CommitUnknown` when the answer was lost.
        """
        ...
