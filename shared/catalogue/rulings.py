"""What admins decide about merchants: they are let in, turned away, or stopped."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from shared.catalogue.domain import Merchant, MerchantNotFound, Verdict
from shared.kernel.errors import WrongState


class MerchantNotPending(WrongState):
    """Only an application that waits for its review can be rejected."""

    code = "MERCHANT_NOT_PENDING"
    detail = "Only an application that waits for its review can be rejected."


class MerchantNotSelling(WrongState):
    """Only an approved merchant can be suspended."""

    code = "MERCHANT_NOT_SELLING"
    detail = "Only an approved merchant can be suspended."


class MerchantNotRejected(WrongState):
    """Only a rejected application can be submitted again."""

    code = "MERCHANT_NOT_REJECTED"
    detail = "Only a rejected application can be submitted again."


@dataclass(frozen=True, slots=True)
class Ruling:
    """One decision, kept for good: who, when, what and why."""

    number: int
    verdict: Verdict
    reason: str
    by: str
    at: datetime


Ruled = tuple[Merchant, Ruling | None]
"""A merchant, and the decision that made it so; None when it was so before."""


def approved(merchant: Merchant | None, by: str, at: datetime) -> Ruled:
    """Return the merchant, allowed to open from now on, whatever was decided before."""
    shop = _known(merchant)
    if shop.approved:
        return shop, None
    return _ruled(replace(shop, approved=True), Verdict.APPROVED, "", by, at)


def rejected(merchant: Merchant | None, reason: str, by: str, at: datetime) -> Ruled:
    """Return the merchant, turned away. Raises `MerchantNotPending`."""
    shop = _known(merchant)
    if shop.verdict is Verdict.REJECTED:
        return shop, None
    if shop.approved or shop.verdict is not None:
        raise MerchantNotPending
    return _ruled(shop, Verdict.REJECTED, reason, by, at)


def suspended(merchant: Merchant | None, reason: str, by: str, at: datetime) -> Ruled:
    """Return the merchant, closed and hidden until it is approved anew. Raises `MerchantNotSelling`."""
    shop = _known(merchant)
    if shop.verdict is Verdict.SUSPENDED:
        return shop, None
    if not shop.approved:
        raise MerchantNotSelling
    return _ruled(replace(shop, approved=False, open=False), Verdict.SUSPENDED, reason, by, at)


def submitted(merchant: Merchant) -> Merchant:
    """Return a rejected merchant, waiting for another look. Raises `MerchantNotRejected`."""
    if merchant.standing == "pending":
        return merchant
    if merchant.verdict is not Verdict.REJECTED:
        raise MerchantNotRejected
    return replace(merchant, verdict=None, reason="")


def _known(merchant: Merchant | None) -> Merchant:
    if merchant is None:
        raise MerchantNotFound
    return merchant


def _ruled(merchant: Merchant, verdict: Verdict, reason: str, by: str, at: datetime) -> Ruled:
    ruling = Ruling(merchant.rulings + 1, verdict, reason, by, at)
    return replace(merchant, verdict=verdict, reason=reason, rulings=ruling.number), ruling
