"""The merchant: its profile, its application status and its search terms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from shared.catalogue.hours import Holiday, Hours, WeeklySpan
from shared.catalogue.images import NO_IMAGE, is_image
from shared.catalogue.menu import Category, Menu, MenuChanged, MenuItem
from shared.catalogue.search import category_key, terms_of
from shared.kernel.errors import FieldError, Invalid, NotFound, PreconditionFailed
from shared.kernel.geo import Point
from shared.kernel.india import INDIA
from shared.kernel.order import Business
from shared.kernel.ratings import Counts, by_stars
from shared.kernel.spots import spot_of

CURRENCY = "INR"
TIMEZONE = INDIA
MAX_RADIUS_M = 10_000
MAX_OPEN_ORDERS = 1_000


class MerchantNotFound(NotFound):
    """The merchant does not exist, or the person has no access to it."""

    code = "MERCHANT_NOT_FOUND"
    detail = "There is no such merchant, or you have no access to it."


class MerchantChanged(PreconditionFailed):
    """Another request edited the merchant."""

    code = "MERCHANT_CHANGED"
    detail = "Another request edited the merchant. Read it again and repeat your change."


class ProfileInvalid(Invalid):
    """The profile of the merchant is invalid."""

    code = "PROFILE_INVALID"
    detail = "The profile of the merchant is invalid. Correct the fields that `errors` names."


class ReviewOutcome(StrEnum):
    """The outcome of the latest review of a merchant's application."""

    APPROVED = "approved"
    REJECTED = "rejected"
    SUSPENDED = "suspended"


@dataclass(frozen=True, slots=True)
class Merchant:
    """A merchant. `cell` is the spot by which a search finds it; `menu_version` 0 means no menu yet.

    The staff sets `open`; with `hours` and `paused_until` it decides `takes_orders`. `application_outcome`
    is None while the application is pending; a rejection or suspension has a `reason`. `terms` are the
    search terms. `revision` counts the edits of the staff, `application_reviews` the reviews by admins,
    `staff_count` the members of staff, its owner included.
    """

    id: str
    owner_id: str
    name: str
    category: str
    location: Point
    address: str
    cell: str
    approved: bool
    open: bool
    prep_minutes: int
    menu_version: int
    rating_sum: int
    rating_count: int
    currency: str
    created_at: datetime
    timezone: str = TIMEZONE
    hours: tuple[WeeklySpan, ...] = ()
    holidays: tuple[Holiday, ...] = ()
    max_open_orders: int | None = None
    last_order_minutes: int | None = None
    """How many minutes before its closing it accepts its last order; None: as many as it prepares one."""
    paused_until: datetime | None = None
    image: str = ""
    description: str = ""
    application_outcome: ReviewOutcome | None = None
    reason: str = ""
    application_reviews: int = 0
    revision: int = 0
    category_key: str = ""
    terms: tuple[str, ...] = ()
    business: Business = Business.FOOD
    licence_until: datetime | None = None
    """When the licence expires with which it opened; None where no licence is required."""
    blocked: int = 0
    """The number of customers that it has blocked."""
    staff_count: int = 1
    oldest_menu: int = 1
    """The oldest version of the menu that may still go; those before it went, or an order pins them."""
    stars: Counts = ()
    """The number of ratings by stars. Older ratings are in `rating_sum` and `rating_count` only."""

    @property
    def rating_stars(self) -> Counts:
        """The number of ratings with one star, two stars, and so on."""
        return by_stars(self.stars)

    @property
    def rating(self) -> float | None:
        """The mean of all ratings in stars; None before the first."""
        return round(self.rating_sum / self.rating_count, 2) if self.rating_count else None

    @property
    def opening_hours(self) -> Hours:
        """The opening hours in the merchant's time zone."""
        return Hours(self.timezone, self.hours, self.holidays)

    @property
    def application_status(self) -> str:
        """The status of its application: pending, approved, rejected or suspended."""
        return ReviewOutcome.APPROVED if self.approved else self.application_outcome or "pending"

    def next_revision(self) -> Merchant:
        """Return the merchant with the revision of the next edit."""
        return replace(self, revision=self.revision + 1)


@dataclass(frozen=True, slots=True)
class MerchantProfile:
    """What the staff tells customers about a merchant."""

    name: str
    category: str
    location: Point
    address: str
    prep_minutes: int
    image: str = ""
    description: str = ""
    business: Business = Business.FOOD


def new_merchant(merchant_id: str, owner: str, profile: MerchantProfile, at: datetime) -> Merchant:
    """Return a new merchant: closed, with a pending application and its owner as the only staff.

    Raises `ProfileInvalid`.
    """
    merchant = Merchant(
        id=merchant_id,
        owner_id=owner,
        name=profile.name,
        category=profile.category,
        location=profile.location,
        address=profile.address,
        cell=spot_of(profile.location),
        approved=False,
        open=False,
        prep_minutes=profile.prep_minutes,
        menu_version=0,
        rating_sum=0,
        rating_count=0,
        currency=CURRENCY,
        created_at=at,
        business=profile.business,
    )
    return with_profile(merchant, profile, ())


def with_profile(merchant: Merchant, profile: MerchantProfile, items: Sequence[MenuItem]) -> Merchant:
    """Return the merchant with a profile, and with the search terms of the profile and the items.

    Raises `ProfileInvalid` for an invalid image.
    """
    if profile.image and not is_image(profile.image):
        raise ProfileInvalid(errors=(FieldError("/image", NO_IMAGE),))
    merchant = replace(
        merchant,
        name=profile.name,
        category=profile.category,
        location=profile.location,
        address=profile.address,
        cell=spot_of(profile.location),
        prep_minutes=profile.prep_minutes,
        image=profile.image,
        description=profile.description,
    )
    return _with_search_terms(merchant, items)


def with_menu(
    merchant: Merchant,
    items: Sequence[MenuItem],
    based_on: frozenset[int] | None,
    categories: Sequence[Category] = (),
) -> tuple[Merchant, Menu]:
    """Return the merchant at its next menu version, and that version.

    `based_on` holds the versions that the new one may replace; None allows any.
    Raises `MenuChanged` when the current version is not among them.
    """
    if based_on is not None and merchant.menu_version not in based_on:  # mutant: if-match-ignored
        raise MenuChanged
    menu = Menu(merchant.menu_version + 1, tuple(items), tuple(categories))  # mutant: menu-overwritten
    return replace(_with_search_terms(merchant, items), menu_version=menu.version), menu


def _with_search_terms(merchant: Merchant, items: Sequence[MenuItem]) -> Merchant:
    """Return the merchant with the fields that the search reads."""
    return replace(
        merchant,
        category_key=category_key(merchant.category),
        terms=terms_of(merchant.name, merchant.category, [item.name for item in items]),
    )
