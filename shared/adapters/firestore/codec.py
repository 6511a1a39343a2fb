"""Domain dataclasses to Firestore documents and back, without a mapping by hand.

Documents may hold fields that a class does not name (another context's slice, a newer version's
field): they are ignored on reading and left alone on writing.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

from pydantic import ValidationError

from shared.adapters.firestore.database import Snapshot
from shared.schema import schema

T = TypeVar("T")

log = logging.getLogger(__name__)


def to_document(value: Any) -> dict[str, Any]:
    """Return the document of a dataclass: nested maps, enums by value, times as times."""
    plain = schema(cast(Any, type(value))).dump_python(value, mode="python")
    encoded: dict[str, Any] = _plain(plain)
    return encoded


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return str(value) if isinstance(value, str) else value


@dataclass(frozen=True, slots=True)
class Insert:
    """A document that must not exist yet."""

    path: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Change:
    """New values of some top-level fields of a document that was read."""

    path: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Removal:
    """The end of a document that was read."""

    path: str


@dataclass(frozen=True, slots=True)
class Kind(Generic[T]):
    """A collection, and the class in which this adapter sees its documents."""

    collection: str
    cls: type[T]

    def path(self, id: str) -> str:  # noqa: A002 - the document's id
        """Return the path of one document."""
        return f"{self.collection}/{id}"

    def parse(self, data: Mapping[str, Any]) -> T:
        """Return the object of a document's fields."""
        parsed: T = schema(cast(Any, self.cls)).validate_python(dict(data))
        return parsed

    def readable(self, found: Sequence[Snapshot]) -> list[T]:
        """Return the objects of a query's documents; one that cannot be read is logged and left out,
        so that it stops no sweeper."""
        parsed: list[T] = []
        for snapshot in found:
            try:
                parsed.append(self.parse(snapshot.data or {}))
            except ValidationError:
                log.error("unreadable_document", extra={"path": snapshot.path})
        return parsed

    def find(self, docs: Mapping[str, Snapshot], id: str) -> T | None:  # noqa: A002
        """Return the object of a document that was read, or None where there is none."""
        data = docs[self.path(id)].data
        return None if data is None else self.parse(data)

    def insert(self, id: str, value: T) -> Insert:  # noqa: A002
        """Return the write that creates the document."""
        return Insert(self.path(id), to_document(value))

    def update(self, id: str, before: T, after: T) -> Change:  # noqa: A002
        """Return the write that stores what `after` has otherwise than `before`."""
        old, new = to_document(before), to_document(after)
        return Change(self.path(id), {key: value for key, value in new.items() if old.get(key) != value})
