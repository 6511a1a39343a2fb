"""The indexes that a Firestore query needs, and those that `firestore.indexes.json` defines.

As the documentation of Firestore's Standard edition says ("Index overview", "Query and index types"):
equalities alone are answered by merging single-field indexes; one order or range alone by its field's
index; any other mixture needs a composite index, equalities first, then the orders as they are asked. Several
composite indexes with the same orders are merged where each equality is in one of them ("Index merging").
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shared.adapters.firestore.database import Query

RANGES = ("<", "<=", ">", ">=")
Field = tuple[str, str]
"""A field path and how it is indexed: ASCENDING, DESCENDING or CONTAINS."""


@dataclass(frozen=True, slots=True)
class Composite:
    """A composite index over one collection of a name or, with `group`, over all of them together."""

    collection: str
    fields: tuple[Field, ...]
    group: bool = False

    def serves(self, equal: Iterable[Field], ordered: tuple[Field, ...]) -> bool:
        """Return whether this index serves a query; equalities may have any order and direction."""
        prefix = self.fields[: len(self.fields) - len(ordered)]
        undirected = {(field, how == "CONTAINS") for field, how in equal}
        same_prefix = {(field, how == "CONTAINS") for field, how in prefix} == undirected
        return same_prefix and self.fields[len(prefix) :] == ordered


class Indexes:
    """The indexes of one definition file."""

    def __init__(self, file: Path) -> None:
        definition = json.loads(file.read_text())
        self.composites = [
            Composite(
                entry["collectionGroup"],
                tuple((f["fieldPath"], _how(f)) for f in entry["fields"]),
                entry["queryScope"] == "COLLECTION_GROUP",
            )
            for entry in definition["indexes"]
        ]
        self.overrides = _overrides(definition["fieldOverrides"], "COLLECTION")
        self._group_overrides = _overrides(definition["fieldOverrides"], "COLLECTION_GROUP")

    def serving(self, query: Query) -> tuple[Composite, ...]:
        """Return the composite index that answers the query, or those that do when they are merged."""
        name, equal, ordered = collection_of(query), _equalities(query), _orders(query)
        fitting = [c for c in self.composites if (c.collection, c.group) == (name, query.group)]
        whole = [(c,) for c in fitting if c.serves(equal, ordered)]
        parts = [next((c for c in fitting if c.serves([one], ordered)), None) for one in equal]
        merged = tuple(part for part in parts if part)
        return whole[0] if whole else merged if equal and len(merged) == len(equal) else ()

    def missing(self, query: Query) -> list[str]:
        """Return what the query lacks, in words; nothing where it can be answered."""
        equal, ordered = _equalities(query), _orders(query)
        if ordered and len(equal) + len(ordered) > 1:
            return [] if self.serving(query) else [f"composite {collection_of(query)} {(*equal, *ordered)}"]
        return list(self._unindexed(query, (*equal, *ordered)))

    def _unindexed(self, query: Query, fields: Iterable[Field]) -> Iterator[str]:
        collection = collection_of(query)
        for field, how in fields:
            grouped = self._group_overrides.get((collection, field), frozenset())
            if how not in (grouped if query.group else self._single(collection, field)):
                yield f"single {collection}.{field} {how}"

    def _single(self, collection: str, field: str) -> frozenset[str]:
        """Return how a field is indexed by itself: as said of it, of a map that it is in, of them all."""
        path = field
        while path:
            if (collection, path) in self.overrides:
                return self.overrides[collection, path]
            path = path.rpartition(".")[0]
        automatic = frozenset(("ASCENDING", "DESCENDING", "CONTAINS"))
        return self.overrides.get((collection, "*"), automatic)


def collection_of(query: Query) -> str:
    """Return the collection's own name, which indexes go by."""
    return query.collection.rpartition("/")[2]


def _equalities(query: Query) -> tuple[Field, ...]:
    hows = {"array-contains": "CONTAINS"}
    return tuple(
        (f, hows.get(operator, "ASCENDING")) for f, operator, _ in query.where if operator not in RANGES
    )


def _orders(query: Query) -> tuple[Field, ...]:
    """A range without an order is answered in the ascending order of its field."""
    asked = query.order_by or tuple({field: None for field, operator, _ in query.where if operator in RANGES})
    return tuple((f.removeprefix("-"), "DESCENDING" if f.startswith("-") else "ASCENDING") for f in asked)


def _overrides(entries: Iterable[Mapping[str, Any]], scope: str) -> Mapping[Field, frozenset[str]]:
    """Return the single-field indexes of one query scope, by collection and field."""
    return {
        (entry["collectionGroup"], entry["fieldPath"]): frozenset(
            _how(index) for index in entry["indexes"] if index.get("queryScope", "COLLECTION") == scope
        )
        for entry in entries
    }


def _how(entry: Mapping[str, Any]) -> str:
    return str(entry.get("order") or entry["arrayConfig"])
