"""Convert domain dataclasses to Firestore documents and back, without a mapping by hand.

A document may hold fields that the class does not name (the slice of another context, a field of a newer
version). Reading ignores them and writing leaves them unchanged.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, TypeVar, cast

from pydantic import ValidationError

from shared.adapters.firestore.database import Snapshot
from shared.schema import schema

T = TypeVar("T")

log = logging.getLogger(__name__)

_OWN_ID = re.compile(r"[a-z]{2,5}_[0-9a-f]{32}(?:_\d{1,4})?|\d{1,9}")
"""An id of `shared.kernel.ids`, or the number of a version."""


def to_document(value: Any) -> dict[str, Any]:
    """Return the document of a dataclass: nested maps, enums as their values, days as ISO 8601."""
    plain = schema(cast(Any, type(value))).dump_python(value, mode="python")
    encoded: dict[str, Any] = _plain(plain)
    return encoded


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, str) else value


@dataclass(frozen=True, slots=True)
class Create:
    """Create a document that must not exist yet."""

    path: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Update:
    """Replace some top-level fields of a document that the decision read."""

    path: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Delete:
    """Delete a document that the decision read."""

    path: str


DocumentWrite = Create | Update | Delete


@dataclass(frozen=True, slots=True)
class Collection(Generic[T]):
    """A typed collection: its path, and the class that its documents are read as."""

    name: str
    cls: type[T]

    def path(self, id: str) -> str:  # noqa: A002 - the document's id
        """Return the path of one document."""
        return f"{self.name}/{id}"

    def parse(self, data: Mapping[str, Any]) -> T:
        """Return the object of a document's fields."""
        parsed: T = schema(cast(Any, self.cls)).validate_python(dict(data))
        return parsed

    def readable(self, found: Sequence[Snapshot]) -> list[T]:
        """Return the objects of a query's documents; log and skip a document that cannot be parsed.

        One unreadable document must not stop a sweeper.
        """
        parsed: list[T] = []
        for snapshot in found:
            try:
                parsed.append(self.parse(snapshot.data or {}))
            except ValidationError:
                log.error("unreadable_document", extra={"path": logged_path(snapshot.path)})
        return parsed

    def find(self, docs: Mapping[str, Snapshot], id: str) -> T | None:  # noqa: A002
        """Return the object of a document that was read, or None if it does not exist."""
        data = docs[self.path(id)].data
        return None if data is None else self.parse(data)

    def create(self, id: str, value: T) -> Create:  # noqa: A002
        """Return the write that creates the document."""
        return Create(self.path(id), to_document(value))

    def update(self, id: str, before: T, after: T) -> Update:  # noqa: A002
        """Return the write that stores the fields in which `after` differs from `before`."""
        old, new = to_document(before), to_document(after)
        return Update(self.path(id), {key: value for key, value in new.items() if old.get(key) != value})

    def delete(self, id: str) -> Delete:  # noqa: A002
        """Return the write that deletes the document."""
        return Delete(self.path(id))


def logged_path(path: str) -> str:
    """Return the path of a document as logs may show it.

    An id that is not of our own making may be a person's uid, and is left out.
    """
    parts = path.split("/")
    return "/".join(part if n % 2 == 0 or _OWN_ID.fullmatch(part) else "{id}" for n, part in enumerate(parts))
