"""The documents that a decision rests on, and how a decision asks for more of them.

Some decisions know only after a first look which documents they need: the stock of the ordered items, the
account that holds a device. They look the document up in the read set; if it was not read,
`DocumentStore.change` reads it and decides again (ADR 0012).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from shared.adapters.firestore.database import Snapshot

Docs = Mapping[str, Snapshot]


class NotRead(Exception):
    """The decision needs documents that were not read; the store reads them and decides again."""

    def __init__(self, paths: Sequence[str], *, unchanged: bool = False) -> None:
        """`unchanged` says that the decision asks only whether they exist, and a copy may say so."""
        super().__init__("documents that were not read")
        self.paths = paths
        self.unchanged = unchanged


class ReadSet(dict[str, Snapshot]):
    """The documents that were read, by path; looking up another path raises `NotRead`."""

    def __missing__(self, path: str) -> Snapshot:
        raise NotRead([path])


def require_read(docs: Docs, paths: Sequence[str]) -> None:
    """Require several documents, so that one more read gets all of them. Raises `NotRead`."""
    missing = [path for path in paths if path not in docs]
    if missing:
        raise NotRead(missing)
