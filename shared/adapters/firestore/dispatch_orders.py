"""Orders as dispatch stores them: the assignment in `orders/{id}`, the search behind it apart.

The parties of an order read its document through the rules. Who was asked, who declined and how often is
not theirs to read, in the API neither: it is in `orders/{id}/private/search`, which admins alone read. The
rankings behind the latest offers stand there too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from shared.adapters.firestore.change import Docs
from shared.adapters.firestore.codec import Collection, DocumentWrite, Update, to_document
from shared.adapters.firestore.database import Database
from shared.dispatch.domain import Assignment, EscalationReason, Order
from shared.dispatch.scoring import Ranking
from shared.kernel.batch import Page

SEARCH = "search"
MAX_RANKINGS = 10
"""How many rankings are kept of an order: those of its latest offers."""


@dataclass(frozen=True, slots=True)
class Search:
    """The part of an assignment that no party of the order reads; see `dispatch.domain.Assignment`."""

    attempt: int = 0
    offer_id: str | None = None
    excluded_drivers: tuple[str, ...] = ()
    search_attempt: int = 0
    no_candidates_since: datetime | None = None
    former_drivers: tuple[str, ...] = ()
    unheard_since: datetime | None = None
    silent_since: datetime | None = None
    escalation: EscalationReason | None = None

    @classmethod
    def of(cls, assignment: Assignment) -> Search:
        """Return the search behind an assignment."""
        return cls(**{name: getattr(assignment, name) for name in Search.__dataclass_fields__})


@dataclass(frozen=True, slots=True)
class KeptSearch(Search):
    """A search as it is stored, with the rankings behind the latest offers, the latest last."""

    rankings: tuple[Ranking, ...] = ()

    @classmethod
    def behind(cls, assignment: Assignment, *rankings: Ranking) -> KeptSearch:
        """Return what is stored of an assignment and these rankings."""
        return cls(**_fields(Search.of(assignment)), rankings=rankings[-MAX_RANKINGS:])


def _fields(search: Search) -> dict[str, Any]:
    return {name: getattr(search, name) for name in Search.__dataclass_fields__}


ORDERS = Collection("orders", Order)
HIDDEN = frozenset(Search.__dataclass_fields__)


def search_of(order_id: str) -> Collection[KeptSearch]:
    """Return the collection with the order's one search document, `search`."""
    return Collection(f"{ORDERS.path(order_id)}/private", KeptSearch)


def order_paths(order_id: str) -> list[str]:
    """Return the paths of the documents that an order is read from."""
    return [ORDERS.path(order_id), search_of(order_id).path(SEARCH)]


def order_in(docs: Docs, order_id: str) -> Order | None:
    """Return the order among the documents that were read.

    Orders of earlier versions have their search in `assignment`, until dispatch writes them again.
    """
    data, path = docs[ORDERS.path(order_id)].data, search_of(order_id).path(SEARCH)
    return None if data is None else ORDERS.parse(_merged(data, docs[path].data or {}))


async def with_searches(database: Database, page: Page[Order]) -> Page[Order]:
    """Return a page of orders with their searches: one read for each order."""
    paths = [path for order in page.items for path in order_paths(order.id)[1:]]
    docs = await database.get_all(paths) if paths else {}
    found = [(order, docs[path].data or {}) for order, path in zip(page.items, paths, strict=True)]
    return replace(page, items=[ORDERS.parse(_merged(to_document(order), data)) for order, data in found])


def order_writes(
    docs: Docs, before: Order | None, after: Order | None, ranking: Ranking | None = None
) -> Sequence[DocumentWrite]:
    """Return the writes of a changed order, and of the ranking behind its new offer.

    The order is written whenever its search is, so that two decisions about it are made one after the other.
    """
    if before is None or after is None or after == before:
        return ()
    change = ORDERS.update(after.id, before, after).data
    shown = {**change, "assignment": shown_assignment(after.assignment)} if "assignment" in change else change
    order = Update(ORDERS.path(after.id), shown)
    return (order, *_search_writes(docs, before, after, ranking))


def _search_writes(
    docs: Docs, before: Order, after: Order, ranking: Ranking | None
) -> Sequence[DocumentWrite]:
    searches = search_of(after.id)
    stored = searches.find(docs, SEARCH)
    known = stored.rankings if stored else ()
    old = KeptSearch.behind(before.assignment, *known)
    new = KeptSearch.behind(after.assignment, *known, *([ranking] if ranking else []))
    if stored:
        return (searches.update(SEARCH, old, new),) if new != old else ()
    return (searches.create(SEARCH, new),) if new != KeptSearch() else ()


def _merged(order: Mapping[str, Any], search: Mapping[str, Any]) -> dict[str, Any]:
    found = {name: value for name, value in search.items() if name in HIDDEN}
    return {**order, "assignment": {**order.get("assignment", {}), **found}}


def shown_assignment(assignment: Assignment) -> dict[str, Any]:
    """Return the part of an assignment that the parties of the order read, as the order holds it."""
    return {name: value for name, value in to_document(assignment).items() if name not in HIDDEN}
