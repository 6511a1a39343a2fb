"""Where a review counts: in the documents of its author and of whom it is about, in its own commit.

Drivers and merchants are counted again by the contexts that they belong to.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from shared.kernel.event import event_id
from shared.kernel.ratings import with_one_more
from shared.reviews.domain import Judged, Person, Review
from shared.reviews.events import ReviewPosted


@dataclass(frozen=True, slots=True)
class Posted:
    """A review, and the people of author and subject with it counted; no account where it is a merchant."""

    review: Review
    author: Person
    subject: Person | None
    events: tuple[ReviewPosted, ...]


def counted(review: Review, author: Person | None, subject: Person | None) -> Posted:
    """Return the review with the people in which it counts, made now where they are new."""
    given = author or Person(review.author_id)
    given = replace(given, ratings_given=with_one_more(given.ratings_given, review.stars))
    got: Person | None = None
    if review.subject_kind is Judged.CUSTOMER:  # mutant: customer-rating-ignored
        got = subject or Person(review.subject_id)
        got = replace(got, ratings_as_customer=with_one_more(got.ratings_as_customer, review.stars))
    elif review.subject_kind is Judged.DRIVER:
        got = subject or Person(review.subject_id)
        got = replace(got, ratings_as_driver=with_one_more(got.ratings_as_driver, review.stars))
    return Posted(review, given, got, (_posted(review),))


def _posted(review: Review) -> ReviewPosted:
    return ReviewPosted(
        id=event_id(review.id, "review_posted"),
        at=review.at,
        actor=review.author_id,
        review_id=review.id,
        order_id=review.order_id,
        author_id=review.author_id,
        subject_id=review.subject_id,
        side=review.side.value,
        stars=review.stars,
        subject_kind=review.subject_kind.value,
    )
