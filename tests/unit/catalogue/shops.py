"""Merchants for the catalogue's tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from math import cos, degrees, radians
from typing import Any

from shared.adapters.firestore.codec import to_document
from shared.catalogue.access import owner_membership
from shared.catalogue.domain import Merchant, MerchantProfile, ReviewOutcome, new_merchant
from shared.kernel.geo import EARTH_RADIUS_M, Point
from shared.kernel.spots import spot_of
from tests.builders import membership
from tests.fakes.database import MemoryDatabase

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
CENTRE = Point(12.9716, 77.5946)


def east(metres: float) -> Point:
    """Return the point so many metres east of `CENTRE`."""
    return Point(CENTRE.lat, CENTRE.lng + degrees(metres / EARTH_RADIUS_M / cos(radians(CENTRE.lat))))


def shop(id_: str = "mer_1", at: Point = CENTRE, **changes: Any) -> Merchant:
    """Return an approved, open merchant of `staff` at a point."""
    said = MerchantProfile("Dosa Corner", "South Indian", at, "100 Feet Road", 15)
    base = replace(new_merchant(id_, "staff", said, NOW), application_outcome=ReviewOutcome.APPROVED)
    return replace(base, **{"approved": True, "open": True, "menu_version": 1, **changes})


def put(database: MemoryDatabase, *shops: Merchant, staff: Sequence[str] = ()) -> None:
    """Store merchants with their owners' memberships, and hire `staff` at each."""
    for one in shops:
        assert one.cell == spot_of(one.location)
        known = replace(one, staff_count=1 + len(staff))
        database.seed(f"merchants/{one.id}", to_document(known))
        for each in (owner_membership(one), *(membership(uid, one.id) for uid in staff)):
            database.seed(f"merchants/{one.id}/staff/{each.uid}", to_document(each))
