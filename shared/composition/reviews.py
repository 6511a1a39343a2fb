"""The ports of reviews and blocks."""

from __future__ import annotations

from functools import cached_property

from shared.adapters.firestore.blocks import FirestoreBlocks
from shared.adapters.firestore.reviews import FirestoreOrderCounts, FirestoreReviews
from shared.composition.documents import DocumentPorts
from shared.reviews.ports import BlockStore, OrderCounts, ReviewStore


class ReviewsPorts(DocumentPorts):
    """What the use cases of reviews and blocks need."""

    @cached_property
    def reviews(self) -> ReviewStore:
        """Return the store of reviews."""
        return FirestoreReviews(self.documents)

    @cached_property
    def order_counts(self) -> OrderCounts:
        """Return the counts of orders."""
        return FirestoreOrderCounts(self.documents)

    @cached_property
    def blocks(self) -> BlockStore:
        """Return the store of blocks."""
        return FirestoreBlocks(self.documents)
