"""The ports of reviews and blocks."""

from __future__ import annotations

from functools import cached_property

from shared.composition.documents import DocumentPorts
from shared.reviews.ports import BlockStore, OrderCounts, ReviewStore


class ReviewsPorts(DocumentPorts):
    """What the use cases of reviews and blocks need."""

    @cached_property
    def reviews(self) -> ReviewStore:
        """Return the store of reviews."""
        from shared.adapters.firestore.reviews import FirestoreReviews

        return FirestoreReviews(self.documents)

    @cached_property
    def order_counts(self) -> OrderCounts:
        """Return the counts of orders."""
        from shared.adapters.firestore.reviews import FirestoreOrderCounts

        return FirestoreOrderCounts(self.documents)

    @cached_property
    def blocks(self) -> BlockStore:
        """Return the store of blocks."""
        from shared.adapters.firestore.blocks import FirestoreBlocks

        return FirestoreBlocks(self.documents)
