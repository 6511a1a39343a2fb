"""Search for merchants near a point, by distance or by rating."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import cast

from shared.catalogue.domain import Merchant
from shared.catalogue.nearby import Around, Key, nearest
from shared.catalogue.opening import takes_orders
from shared.catalogue.ports import MerchantFilter, MerchantStore
from shared.catalogue.search import category_key, search_terms
from shared.kernel.errors import Invalid
from shared.kernel.geo import Point, distance_m

MAX_RANKED = 200
"""How many merchants are ordered by rating: the nearest."""
MAX_LOOKS = 4
"""How often a list by rating goes on where few merchants match: a look reads 500 merchants, or 1,000."""


class NothingToSearch(Invalid):
    """The search text or category has no word."""

    code = "NOTHING_TO_SEARCH"
    detail = "The search text or the category has no word. Send letters or digits."


class SortBy(StrEnum):
    """The order of a list of merchants."""

    DISTANCE = "distance"
    RATING = "rating"


SortKey = tuple[int | str, ...]
"""The position of a merchant in a sorted list."""


@dataclass(frozen=True, slots=True)
class Browse:
    """A search for merchants near a point. `after` is the sort key of the last merchant of the page before.

    `open_only` keeps merchants that accept orders now. `text`, `category` and `min_rating` (stars) filter
    further; a merchant without a rating has 0 stars here.
    """

    near: Point
    radius_m: int
    open_only: bool = False
    limit: int = 20
    after: SortKey | None = None
    category: str = ""
    text: str = ""
    min_rating: float | None = None
    sort: SortBy = SortBy.DISTANCE


@dataclass(frozen=True, slots=True)
class Nearby:
    """A merchant and its great-circle distance in whole metres."""

    merchant: Merchant
    distance_m: int

    def rank(self) -> SortKey:
        """Return its sort key by rating; the distance and the id break ties."""
        return -round((self.merchant.rating or 0) * 100), self.distance_m, self.merchant.id


@dataclass(frozen=True, slots=True)
class NearbyPage:
    """A page of merchants in the requested order. `after` is None on the last page."""

    merchants: Sequence[Nearby]
    after: SortKey | None


async def browse(request: Browse, *, merchants: MerchantStore, now: datetime) -> NearbyPage:
    """Return the approved merchants within the radius that match. Raises `NothingToSearch`.

    The index filters by cells, open switch, category and the rarest word. What was read is then filtered by
    hours, rating, the other words and the exact distance. By rating, the nearest `MAX_RANKED` are ordered.
    """
    words, category = search_terms(request.text), category_key(request.category)
    if (request.text and not words) or (request.category and not category):
        raise NothingToSearch
    by = MerchantFilter(request.open_only, category, words[0] if words else "")
    ask = Around(request.near, request.radius_m, by, lambda one: _matches(one, request, words, now))
    if request.sort is SortBy.RATING:
        return await _best(request, ask, merchants)
    after = cast(Key | None, request.after)
    found = await nearest(ask, request.limit, after, merchants=merchants)
    page = (_measured(one, request.near) for one in found.merchants)
    return NearbyPage(sorted(page, key=lambda one: (one.distance_m, one.merchant.id)), found.after)


async def _best(request: Browse, ask: Around, merchants: MerchantStore) -> NearbyPage:
    """Return a page of the nearest merchants by rating."""
    found: list[Merchant] = []
    after: Key | None = None
    for _ in range(MAX_LOOKS):
        part = await nearest(ask, MAX_RANKED - len(found), after, merchants=merchants)
        found += part.merchants
        after = part.after
        if after is None or len(found) == MAX_RANKED:
            break
    ranked = sorted((_measured(one, request.near) for one in found), key=Nearby.rank)
    rest = [one for one in ranked if request.after is None or one.rank() > request.after]
    page = rest[: request.limit]
    return NearbyPage(page, page[-1].rank() if len(rest) > request.limit else None)


def _measured(merchant: Merchant, near: Point) -> Nearby:
    return Nearby(merchant, round(distance_m(near, merchant.location)))


def _matches(merchant: Merchant, request: Browse, words: Sequence[str], now: datetime) -> bool:
    if _measured(merchant, request.near).distance_m > request.radius_m:
        return False
    if request.min_rating is not None and (merchant.rating or 0) < request.min_rating:
        return False
    if not set(words) <= set(merchant.terms):
        return False
    return not request.open_only or takes_orders(merchant, now)
