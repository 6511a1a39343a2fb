"""Count a review in the documents of its author and its subject, in the commit of the review.

Dispatch and the catalogue count it again for their drivers and merchants.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from shared.kernel.decision import Decision
from shared.kernel.event import event_id
from shared.kernel.ratings import with_one_more
from shared.reviews.domain import Person, Review, ReviewSubject
from shared.reviews.events import ReviewPosted


@dataclass(frozen=True, slots=True)
class CountedReview:
    """A review, and its author and subject with new ratings; `subject` is None for a merchant."""

    review: Review
    author: Person
    subject: Person | None


def count_review(
    review: Review, writer: str, author: Person | None, subject: Person | None
) -> Decision[CountedReview, Review]:
    """Return the review that `writer` wrote, counted for both people; a person without a record gets one."""
    given = author or Person(writer)
    given = replace(given, ratings_given=with_one_more(given.ratings_given, review.stars))
    rated: Person | None = None
    if review.subject_kind is ReviewSubject.CUSTOMER:  # mutant: customer-rating-ignored
        rated = subject or Person(review.subject_id)
        rated = replace(rated, ratings_as_customer=with_one_more(rated.ratings_as_customer, review.stars))
    elif review.subject_kind is ReviewSubject.DRIVER:
        rated = subject or Person(review.subject_id)
        rated = replace(rated, ratings_as_driver=with_one_more(rated.ratings_as_driver, review.stars))
    return Decision(CountedReview(review, given, rated), (_review_posted(review, writer),), review)


def _review_posted(review: Review, writer: str) -> ReviewPosted:
    return ReviewPosted(
        id=event_id(review.id, "review_posted"),
        at=review.at,
        actor=writer,
        review_id=review.id,
        order_id=review.order_id,
        author_id=review.author_id,
        subject_id=review.subject_id,
        side=review.side.value,
        stars=review.stars,
        subject_kind=review.subject_kind.value,
    )
