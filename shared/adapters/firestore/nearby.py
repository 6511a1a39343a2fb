"""The query for merchants in a range of spots."""

from __future__ import annotations

from shared.adapters.firestore.database import Operator, Query
from shared.adapters.firestore.staff import MERCHANTS
from shared.catalogue.ports import MerchantFilter, Spots

Condition = tuple[str, Operator, object]


def merchants_within(by: MerchantFilter, within: Spots, limit: int) -> Query:
    """Return the query for approved merchants by spot and id.

    Firestore merges the indexes (approved, cell, id), (open, cell, id), (category_key, cell, id) and
    (terms, cell, id) for what is asked.
    """
    where: list[Condition] = [("approved", "==", True)]
    if by.open_only:
        where.append(("open", "==", True))
    if by.category_key:
        where.append(("category_key", "==", by.category_key))
    if by.term:
        where.append(("terms", "array-contains", by.term))
    return Query(
        MERCHANTS.name,
        where=(*where, ("cell", ">=", within.first), ("cell", "<=", within.last)),
        order_by=("cell", "id"),
        limit=limit,
        start_after=(within.first, within.after_id) if within.after_id else (),
    )
