"""Count a customer's review of a merchant."""

from __future__ import annotations

from dataclasses import dataclass

from shared.catalogue.domain import Merchant, MerchantNotFound
from shared.catalogue.ports import MerchantStore
from shared.catalogue.ratings import with_rating


@dataclass(frozen=True, slots=True)
class CountReview:
    """A review of a merchant with one to five `stars`."""

    merchant_id: str
    review_id: str
    stars: int


async def count_review(command: CountReview, *, merchants: MerchantStore) -> Merchant:
    """Add the review to the merchant's rating, once per review, and return the merchant.

    Raises `MerchantNotFound`, `StarsOutOfRange`.
    """
    merchant = await merchants.count_review(
        command.merchant_id, command.review_id, lambda before: with_rating(before, command.stars)
    )
    if merchant is None:
        raise MerchantNotFound
    return merchant
