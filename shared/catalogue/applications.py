"""The review of a merchant's application: an admin approves, rejects or suspends the merchant."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from shared.catalogue.access import MerchantAccess
from shared.catalogue.domain import Merchant, MerchantNotFound, ReviewOutcome
from shared.kernel.audit import demand_same_reason
from shared.kernel.decision import Decision
from shared.kernel.errors import WrongState
from shared.kernel.four_eyes import demand_uninvolved


class MerchantNotPending(WrongState):
    """Only a pending application can be rejected."""

    code = "MERCHANT_NOT_PENDING"
    detail = "Only a pending application can be rejected. Suspend a merchant that is approved."


class MerchantNotSelling(WrongState):
    """Only an approved merchant can be suspended."""

    code = "MERCHANT_NOT_SELLING"
    detail = "Only an approved merchant can be suspended. Reject a pending application."


class MerchantNotRejected(WrongState):
    """Only a rejected application can be submitted again."""

    code = "MERCHANT_NOT_REJECTED"
    detail = "Only a rejected application can be submitted again."


@dataclass(frozen=True, slots=True)
class ApplicationReview:
    """One decision about an application. It is never changed or removed."""

    number: int
    outcome: ReviewOutcome
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ReviewedMerchant:
    """A merchant after a review, and the review. It is None when the merchant had this status before."""

    merchant: Merchant
    review: ApplicationReview | None


ReviewDecision = Decision[ReviewedMerchant, Merchant]


def approve(access: MerchantAccess, by: str, at: datetime) -> ReviewDecision:
    """Return the merchant with permission to open. Any earlier status can be approved.

    Raises `MerchantNotFound` or `OperatorInvolved`.
    """
    known = _reviewable(access, by)
    if known.approved:
        return _decided(known, None)
    return _reviewed(replace(known, approved=True), ReviewOutcome.APPROVED, "", by, at)


def reject(access: MerchantAccess, reason: str, by: str, at: datetime) -> ReviewDecision:
    """Return the merchant with a rejected application.

    Raises `MerchantNotFound`, `OperatorInvolved`, `AlreadyDecided` or `MerchantNotPending`.
    """
    known = _reviewable(access, by)
    if known.application_outcome is ReviewOutcome.REJECTED:
        demand_same_reason(reason, known.reason)
        return _decided(known, None)
    if known.approved or known.application_outcome is not None:
        raise MerchantNotPending
    return _reviewed(known, ReviewOutcome.REJECTED, reason, by, at)


def suspend(access: MerchantAccess, reason: str, by: str, at: datetime) -> ReviewDecision:
    """Return the merchant closed and hidden until an admin approves it again.

    Raises `MerchantNotFound`, `OperatorInvolved`, `AlreadyDecided` or `MerchantNotSelling`.
    """
    known = _reviewable(access, by)
    if known.application_outcome is ReviewOutcome.SUSPENDED:
        demand_same_reason(reason, known.reason)
        return _decided(known, None)
    if not known.approved:
        raise MerchantNotSelling
    return _reviewed(replace(known, approved=False, open=False), ReviewOutcome.SUSPENDED, reason, by, at)


def submit_again(merchant: Merchant) -> Merchant:
    """Return a rejected merchant with a pending application. Raises `MerchantNotRejected`."""
    if merchant.application_status == "pending":
        return merchant
    if merchant.application_outcome is not ReviewOutcome.REJECTED:
        raise MerchantNotRejected
    return replace(merchant, application_outcome=None, reason="")


def _reviewable(access: MerchantAccess, by: str) -> Merchant:
    """Return the merchant if the admin does not work for it; `access` is the admin's."""
    if access.merchant is None:
        raise MerchantNotFound
    staff = access.membership is not None
    demand_uninvolved(by, access.merchant.owner_id, is_staff=lambda _: staff)
    return access.merchant


def _reviewed(
    merchant: Merchant, outcome: ReviewOutcome, reason: str, by: str, at: datetime
) -> ReviewDecision:
    review = ApplicationReview(merchant.application_reviews + 1, outcome, reason, by, at)
    after = replace(merchant, application_outcome=outcome, reason=reason, application_reviews=review.number)
    return _decided(after, review)


def _decided(merchant: Merchant, review: ApplicationReview | None) -> ReviewDecision:
    return Decision(ReviewedMerchant(merchant, review), (), merchant)
