"""When a merchant accepts orders: it is open, its licence is valid, it is within its hours, and there is time
left to prepare an order before it closes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from shared.catalogue.domain import Merchant
from shared.catalogue.hours import next_change, open_at, open_through
from shared.kernel.errors import Invalid, WrongState

LONGEST_PAUSE = timedelta(days=7)
MAX_LAST_ORDER_MINUTES = 24 * 60 - 1
MAX_OPENINGS = 8
"""How many openings are looked at for one in which orders are accepted: a span can be too short for any."""


class MerchantNotApproved(WrongState):
    """A merchant that is not approved cannot open."""

    code = "MERCHANT_NOT_APPROVED"
    detail = "An admin has to approve the merchant before it can open."


class MenuMissing(WrongState):
    """A merchant without a menu cannot open."""

    code = "MENU_MISSING"
    detail = "Publish a menu before you open the merchant."


class LicenceMissing(WrongState):
    """A merchant without a valid licence cannot open."""

    code = "LICENCE_MISSING"
    detail = (
        "Upload a licence and wait for its approval before you open the merchant. It must not have expired."
    )


class PauseInvalid(Invalid):
    """A pause ends in the future, and within a week."""

    code = "PAUSE_INVALID"
    detail = "A pause ends in the future and within a week. Correct `until`."


class Refusal(StrEnum):
    """Why a merchant accepts no orders at a moment."""

    CLOSED = "closed"
    LAST_ORDER_PASSED = "last_order_passed"


def refusal(merchant: Merchant, at: datetime) -> Refusal | None:
    """Return why a merchant accepts no order that is begun at a moment; None where it does.

    It does when it is approved, open with a valid licence, not paused, within its hours, and closes no
    sooner than `last_order_lead` after that.
    """
    if not _is_open(merchant, at):
        return Refusal.CLOSED
    last = open_through(merchant.opening_hours, at, at + last_order_lead(merchant))
    return None if last else Refusal.LAST_ORDER_PASSED  # mutant: last-order-ignored


def takes_orders(merchant: Merchant, at: datetime) -> bool:
    """Return whether the merchant accepts an order that is begun at a moment."""
    return refusal(merchant, at) is None


def last_order_lead(merchant: Merchant) -> timedelta:
    """Return how long before its closing a merchant accepts its last order: unless it has set a time, as
    long as it prepares one."""
    own = merchant.last_order_minutes
    return timedelta(minutes=merchant.prep_minutes if own is None else own)


def licensed(merchant: Merchant, at: datetime) -> bool:
    """Return whether the licence with which the merchant opened is valid at a moment."""
    return merchant.licence_until is None or at < merchant.licence_until


def opens_at(merchant: Merchant, at: datetime) -> datetime | None:
    """Return when a merchant begins to accept orders by its pause and its hours.

    None when it accepts orders now, or when only a person can change that.
    """
    if not _switched_on(merchant, at) or takes_orders(merchant, at):
        return None
    moment: datetime | None = (
        merchant.paused_until if merchant.paused_until and merchant.paused_until > at else at
    )
    for _ in range(MAX_OPENINGS):
        if moment is None or takes_orders(merchant, moment):
            return moment
        moment = next_change(merchant.opening_hours, moment)
    return None


def closes_at(merchant: Merchant, at: datetime) -> datetime | None:
    """Return when an open merchant closes by its hours; None if it is not open or never closes."""
    return next_change(merchant.opening_hours, at) if _is_open(merchant, at) else None


def last_order_at(merchant: Merchant, at: datetime) -> datetime | None:
    """Return until when an open merchant accepts orders before it closes; None where `closes_at` is None."""
    closes = closes_at(merchant, at)
    return closes - last_order_lead(merchant) if closes else None


def opened(merchant: Merchant, licence_until: datetime | None, now: datetime) -> Merchant:
    """Return the merchant open until its licence expires, without a pause.

    Raises `MerchantNotApproved`, `MenuMissing` or `LicenceMissing`.
    """
    if not merchant.approved:  # mutant: opens-unapproved
        raise MerchantNotApproved
    if merchant.menu_version == 0:
        raise MenuMissing
    checked = replace(merchant, licence_until=licence_until)
    if not licensed(checked, now):
        raise LicenceMissing
    return replace(checked, open=True, paused_until=None)


def with_licence(merchant: Merchant, licence_until: datetime | None, now: datetime) -> Merchant:
    """Return the merchant with the current end of its licence: closed without a valid one."""
    checked = replace(merchant, licence_until=licence_until)
    return checked if licensed(checked, now) else closed(checked)


def closed(merchant: Merchant) -> Merchant:
    """Return the merchant closed."""
    return replace(merchant, open=False)


def paused(merchant: Merchant, until: datetime, now: datetime) -> Merchant:
    """Return the merchant paused until a moment. Raises `PauseInvalid`."""
    if not now < until <= now + LONGEST_PAUSE:
        raise PauseInvalid
    return replace(merchant, paused_until=until.astimezone(UTC))


def _switched_on(merchant: Merchant, at: datetime) -> bool:
    return merchant.approved and merchant.open and licensed(merchant, at)


def _is_open(merchant: Merchant, at: datetime) -> bool:
    return _switched_on(merchant, at) and not _paused(merchant, at) and _within_hours(merchant, at)


def _paused(merchant: Merchant, at: datetime) -> bool:
    return merchant.paused_until is not None and at < merchant.paused_until


def _within_hours(merchant: Merchant, at: datetime) -> bool:
    return open_at(merchant.opening_hours, at)
