"""The rules of merchants: what one is, who runs it, and who may see it."""

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
from shared.kernel.geo import Point, browse_cell
from shared.kernel.order import Business
from shared.kernel.ratings import Counts, by_stars

CURRENCY = "INR"
TIMEZONE = "Asia/Kolkata"
MAX_RADIUS_M = 10_000
MAX_OPEN_ORDERS = 1_000


class MerchantNotFound(NotFound):
    """There is no such merchant, or it is not yours."""

    code = "MERCHANT_NOT_FOUND"
    detail = "There is no such merchant, or it is not yours."


class MerchantChanged(PreconditionFailed):
    """Somebody has edited the merchant meanwhile: read it again and put your change on top."""

    code = "MERCHANT_CHANGED"
    detail = "Somebody has edited the merchant meanwhile: read it again and put your change on top."


class ProfileInvalid(Invalid):
    """What the merchant says about itself cannot stand as it is."""

    code = "PROFILE_INVALID"
    detail = "What the merchant says about itself cannot stand as it is."


class Verdict(StrEnum):
    """What an admin last decided about a merchant."""

    APPROVED = "approved"
    REJECTED = "rejected"
    SUSPENDED = "suspended"


@dataclass(frozen=True, slots=True)
class Merchant:
    """A shop. `cell` is the H3 cell by which it is found; `menu_version` 0 means no menu yet.

    `open` is the switch in the staff's hand; with `hours` and `paused_until` it makes `takes_orders`.
    Until an admin decides, `verdict` is None; a refusal has its `reason`. `terms` are for the search.
    `revision` counts the edits of the staff, `rulings` the decisions of admins.
    """

    id: str
    owner_id: str
    staff: tuple[str, ...]
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
    paused_until: datetime | None = None
    image: str = ""
    description: str = ""
    verdict: Verdict | None = None
    reason: str = ""
    rulings: int = 0
    revision: int = 0
    category_key: str = ""
    terms: tuple[str, ...] = ()
    business: Business = Business.FOOD
    licence_until: datetime | None = None
    """When the licence ends with which it opened; None where nobody asks for one."""
    blocked: int = 0
    """From how many customers it takes no orders."""
    stars: Counts = ()
    """The ratings by their stars; those from before they were kept are in sum and count alone."""

    @property
    def rating_stars(self) -> Counts:
        """How often one star was given, two stars, and so on."""
        return by_stars(self.stars)

    @property
    def rating(self) -> float | None:
        """The mean of all ratings in stars, None before the first."""
        return round(self.rating_sum / self.rating_count, 2) if self.rating_count else None

    @property
    def opening_hours(self) -> Hours:
        """The hours in the merchant's own time."""
        return Hours(self.timezone, self.hours, self.holidays)

    @property
    def standing(self) -> str:
        """Where its application stands: pending, or what was decided."""
        return Verdict.APPROVED if self.approved else self.verdict or "pending"


@dataclass(frozen=True, slots=True)
class Registration:
    """What a merchant says about itself."""

    name: str
    category: str
    location: Point
    address: str
    prep_minutes: int
    image: str = ""
    description: str = ""
    business: Business = Business.FOOD


def registered(merchant_id: str, owner: str, said: Registration, at: datetime) -> Merchant:
    """Return the new merchant: closed, waiting for approval, its owner the only member of staff.

    Raises `ProfileInvalid`.
    """
    merchant = Merchant(
        id=merchant_id,
        owner_id=owner,
        staff=(owner,),
        name=said.name,
        category=said.category,
        location=said.location,
        address=said.address,
        cell=browse_cell(said.location),
        approved=False,
        open=False,
        prep_minutes=said.prep_minutes,
        menu_version=0,
        rating_sum=0,
        rating_count=0,
        currency=CURRENCY,
        created_at=at,
        business=said.business,
    )
    return described(merchant, said, ())


def described(merchant: Merchant, said: Registration, items: Sequence[MenuItem]) -> Merchant:
    """Return the merchant with what it says about itself, to be found by that and by its items.

    Raises `ProfileInvalid` for an image that can be none.
    """
    if said.image and not is_image(said.image):
        raise ProfileInvalid(errors=(FieldError("/image", NO_IMAGE),))
    merchant = replace(
        merchant,
        name=said.name,
        category=said.category,
        location=said.location,
        address=said.address,
        cell=browse_cell(said.location),
        prep_minutes=said.prep_minutes,
        image=said.image,
        description=said.description,
    )
    return _findable(merchant, items)


def seen_by(merchant: Merchant | None, uid: str) -> Merchant:
    """Return the merchant if the person may see it: everyone once it is approved, its staff before."""
    if merchant is None or not (merchant.approved or uid in merchant.staff):
        raise MerchantNotFound
    return merchant


def run_by(merchant: Merchant | None, uid: str) -> Merchant:
    """Return the merchant if the person is of its staff; to everyone else it does not exist."""
    if merchant is None or uid not in merchant.staff:
        raise MerchantNotFound
    return merchant


def edited_by(merchant: Merchant | None, uid: str, based_on: frozenset[int] | None) -> Merchant:
    """Return the merchant at its next revision, for a member of staff to edit.

    `based_on` holds the revisions on which the edit may stand; None puts it on top of any.
    Raises `MerchantNotFound` or `MerchantChanged`.
    """
    shop = run_by(merchant, uid)
    if based_on is not None and shop.revision not in based_on:
        raise MerchantChanged
    return replace(shop, revision=shop.revision + 1)


def with_menu(
    merchant: Merchant,
    items: Sequence[MenuItem],
    based_on: frozenset[int] | None,
    categories: Sequence[Category] = (),
) -> tuple[Merchant, Menu]:
    """Return the merchant at its next menu version, and that version.

    `based_on` holds the versions on which the change may stand; None puts it on top of any.
    Raises `MenuChanged` when the present version is not among them.
    """
    if based_on is not None and merchant.menu_version not in based_on:
        raise MenuChanged
    menu = Menu(merchant.menu_version + 1, tuple(items), tuple(categories))
    return replace(_findable(merchant, items), menu_version=menu.version), menu


def _findable(merchant: Merchant, items: Sequence[MenuItem]) -> Merchant:
    """Return the merchant with what the search looks at."""
    return replace(
        merchant,
        category_key=category_key(merchant.category),
        terms=terms_of(merchant.name, merchant.category, [item.name for item in items]),
    )
