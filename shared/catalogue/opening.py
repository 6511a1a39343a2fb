"""When a merchant accepts orders: it is open, its licence is valid, and it is within its hours."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from shared.catalogue.domain import Merchant
from shared.catalogue.hours import next_change, open_at
from shared.kernel.errors import Invalid, WrongState

LONGEST_PAUSE = timedelta(days=7)


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


def takes_orders(merchant: Merchant, at: datetime) -> bool:
    """Return whether the merchant accepts orders at a moment.

    It does when it is approved, open with a valid licence, not paused, and within its hours.
    """
    switched_on = merchant.approved and merchant.open and licensed(merchant, at)
    return switched_on and not _paused(merchant, at) and _within_hours(merchant, at)


def licensed(merchant: Merchant, at: datetime) -> bool:
    """Return whether the licence with which the merchant opened is valid at a moment."""
    return merchant.licence_until is None or at < merchant.licence_until


def opens_at(merchant: Merchant, at: datetime) -> datetime | None:
    """Return when a merchant begins to accept orders by its pause and its hours.

    None when it accepts orders now, or when only a person can change that.
    """
    if not (merchant.approved and merchant.open and licensed(merchant, at)) or takes_orders(merchant, at):
        return None
    resumed = merchant.paused_until if merchant.paused_until and merchant.paused_until > at else at
    return resumed if _within_hours(merchant, resumed) else next_change(merchant.opening_hours, resumed)


def closes_at(merchant: Merchant, at: datetime) -> datetime | None:
    """Return when an open merchant closes by its hours; None if it is not open or never closes."""
    return next_change(merchant.opening_hours, at) if takes_orders(merchant, at) else None


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


def _paused(merchant: Merchant, at: datetime) -> bool:
    return merchant.paused_until is not None and at < merchant.paused_until


def _within_hours(merchant: Merchant, at: datetime) -> bool:
    return open_at(merchant.opening_hours, at)
