"""Where a review counts: in the documents of its author and of whom it is about, in its own commit.

Drivers and merchants are counted again by the contexts that they belong to.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from shared.accounts.domain import Account
from shared.accounts.events import ReviewPosted
from shared.accounts.reviews import Judged, Review
from shared.kernel.event import event_id
from shared.kernel.ratings import with_one_more


@dataclass(frozen=True, slots=True)
class Posted:
    """A review, and the accounts of author and subject with it counted; no account where it is a merchant."""

    review: Review
    author: Account
    subject: Account | None
    events: tuple[ReviewPosted, ...]


def counted(review: Review, author: Account | None, subject: Account | None) -> Posted:
    """Return the review with the accounts in which it counts, made now where they are new."""
    given = author or Account(review.author_id)
    given = replace(given, ratings_given=with_one_more(given.ratings_given, review.stars))
    got: Account | None = None
    if review.subject_kind is Judged.CUSTOMER:
        got = subject or Account(review.subject_id)
        got = replace(got, ratings_as_customer=with_one_more(got.ratings_as_customer, review.stars))
    elif review.subject_kind is Judged.DRIVER:
        got = subject or Account(review.subject_id)
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
