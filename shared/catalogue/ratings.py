"""The rating of a merchant: the sum of its customers' reviews."""

from __future__ import annotations

from dataclasses import replace

from shared.catalogue.domain import Merchant
from shared.kernel.errors import Invalid
from shared.kernel.ratings import MAX_STARS, with_one_more


class StarsOutOfRange(Invalid):
    """A review has one to five stars."""

    code = "STARS_OUT_OF_RANGE"
    detail = "A review has one to five stars."


def with_rating(merchant: Merchant, stars: int) -> Merchant:
    """Return the merchant with one more review in its rating. Raises `StarsOutOfRange`."""
    if not 1 <= stars <= MAX_STARS:
        raise StarsOutOfRange
    return replace(
        merchant,
        rating_sum=merchant.rating_sum + stars,
        rating_count=merchant.rating_count + 1,
        stars=with_one_more(merchant.stars, stars),
    )
