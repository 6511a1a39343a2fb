"""When a merchant takes orders: switched on by its staff, with a good licence, within its hours."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from shared.catalogue.domain import Merchant
from shared.catalogue.hours import next_change, open_at
from shared.kernel.errors import Invalid, WrongState

LONGEST_PAUSE = timedelta(days=7)


class MerchantNotApproved(WrongState):
    """The merchant has to be approved before it can open."""

    code = "MERCHANT_NOT_APPROVED"
    detail = "The merchant has to be approved before it can open."


class MenuMissing(WrongState):
    """The merchant needs a menu before it can open."""

    code = "MENU_MISSING"
    detail = "The merchant needs a menu before it can open."


class LicenceMissing(WrongState):
    """The merchant needs an approved licence that is still valid before it can open."""

    code = "LICENCE_MISSING"
    detail = "The merchant needs an approved licence that is still valid before it can open."


class PauseInvalid(Invalid):
    """A pause ends in the future, and within a week."""

    code = "PAUSE_INVALID"
    detail = "A pause ends in the future, and within a week."


def takes_orders(merchant: Merchant, at: datetime) -> bool:
    """Say whether the merchant takes orders at a moment: approved, switched on with a good licence, not
    paused, within hours."""
    switched_on = merchant.approved and merchant.open and licensed(merchant, at)
    return switched_on and not _paused(merchant, at) and _within_hours(merchant, at)


def licensed(merchant: Merchant, at: datetime) -> bool:
    """Say whether the licence with which the merchant opened is good at a moment."""
    return merchant.licence_until is None or at < merchant.licence_until


def opens_at(merchant: Merchant, at: datetime) -> datetime | None:
    """Return when a merchant that takes no orders will, by its pause and its hours; None if it does now,
    or if only a person can change that."""
    if not (merchant.approved and merchant.open and licensed(merchant, at)) or takes_orders(merchant, at):
        return None
    resumed = merchant.paused_until if merchant.paused_until and merchant.paused_until > at else at
    return resumed if _within_hours(merchant, resumed) else next_change(merchant.opening_hours, resumed)


def closes_at(merchant: Merchant, at: datetime) -> datetime | None:
    """Return when a merchant that takes orders will stop by its hours; None if it takes none, or always."""
    return next_change(merchant.opening_hours, at) if takes_orders(merchant, at) else None


def opened(merchant: Merchant, licence_until: datetime | None, now: datetime) -> Merchant:
    """Return the merchant open while its licence is good, a pause ended.

    Raises `MerchantNotApproved`, `MenuMissing` or `LicenceMissing`.
    """
    if not merchant.approved:
        raise MerchantNotApproved
    if merchant.menu_version == 0:
        raise MenuMissing
    checked = replace(merchant, licence_until=licence_until)
    if not licensed(checked, now):
        raise LicenceMissing
    return replace(checked, open=True, paused_until=None)


def relicensed(merchant: Merchant, licence_until: datetime | None, now: datetime) -> Merchant:
    """Return the merchant as its licences are now: closed without a good one."""
    checked = replace(merchant, licence_until=licence_until)
    return checked if licensed(checked, now) else closed(checked)


def closed(merchant: Merchant) -> Merchant:
    """Return the merchant closed."""
    return replace(merchant, open=False)


def paused(merchant: Merchant, until: datetime, now: datetime) -> Merchant:
    """Return the merchant taking no orders until a moment. Raises `PauseInvalid`."""
    if not now < until <= now + LONGEST_PAUSE:
        raise PauseInvalid
    return replace(merchant, paused_until=until.astimezone(UTC))


def _paused(merchant: Merchant, at: datetime) -> bool:
    return merchant.paused_until is not None and at < merchant.paused_until


def _within_hours(merchant: Merchant, at: datetime) -> bool:
    return open_at(merchant.opening_hours, at)
