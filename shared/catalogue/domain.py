"""The rules of merchants and their menus."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from shared.kernel.errors import FieldError, Invalid, NotFound, PreconditionFailed, WrongState
from shared.kernel.geo import Point, browse_cell

CURRENCY = "INR"
MAX_ITEMS = 500
MAX_PRICE = 10_000_000
"""Minor units: one hundred thousand rupees."""

MAX_PREP_MINUTES = 240
MAX_RADIUS_M = 10_000


class MerchantNotFound(NotFound):
    """There is no such merchant, or it is not yours."""


class MenuNotFound(NotFound):
    """This merchant has no menu yet."""


class MerchantNotApproved(WrongState):
    """The merchant has to be approved before it can open."""


class MenuMissing(WrongState):
    """The merchant needs a menu before it can open."""


class MenuChanged(PreconditionFailed):
    """The menu has another version by now: read it again and put your change on top."""


class MenuInvalid(Invalid):
    """The menu has items that cannot stand as they are."""


@dataclass(frozen=True, slots=True)
class Merchant:
    """A shop. `cell` is the H3 cell by which it is found; `menu_version` 0 means no menu yet."""

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

    @property
    def rating(self) -> float | None:
        """The mean of all ratings in stars, None before the first."""
        return round(self.rating_sum / self.rating_count, 2) if self.rating_count else None


@dataclass(frozen=True, slots=True)
class MenuItem:
    """One thing on a menu; `price` in minor units of the merchant's currency."""

    id: str
    name: str
    price: int
    available: bool = True
    category: str = ""


@dataclass(frozen=True, slots=True)
class Menu:
    """One version of a merchant's menu; a version never changes, so that an order can be priced at it."""

    version: int
    items: tuple[MenuItem, ...]


@dataclass(frozen=True, slots=True)
class Registration:
    """What a merchant says about itself at first."""

    name: str
    category: str
    location: Point
    address: str
    prep_minutes: int


def registered(merchant_id: str, owner: str, said: Registration, at: datetime) -> Merchant:
    """Return the new merchant: closed, waiting for approval, its owner the only member of staff."""
    return Merchant(
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
    )


def approved(merchant: Merchant | None) -> Merchant:
    """Return the merchant, allowed to open from now on; approving twice changes nothing."""
    if merchant is None:
        raise MerchantNotFound
    return replace(merchant, approved=True)


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


def opened(merchant: Merchant) -> Merchant:
    """Return the merchant open. Raises `MerchantNotApproved` or `MenuMissing`."""
    if not merchant.approved:
        raise MerchantNotApproved
    if merchant.menu_version == 0:
        raise MenuMissing
    return replace(merchant, open=True)


def closed(merchant: Merchant) -> Merchant:
    """Return the merchant closed."""
    return replace(merchant, open=False)


def with_menu(
    merchant: Merchant, items: Sequence[MenuItem], based_on: frozenset[int] | None
) -> tuple[Merchant, Menu]:
    """Return the merchant at its next menu version, and that version.

    `based_on` holds the versions on which the change may stand; None puts it on top of any.
    Raises `MenuChanged` when the present version is not among them.
    """
    if based_on is not None and merchant.menu_version not in based_on:
        raise MenuChanged
    menu = Menu(merchant.menu_version + 1, tuple(items))
    return replace(merchant, menu_version=menu.version), menu


def check_items(items: Sequence[MenuItem]) -> None:
    """Raise `MenuInvalid`, naming every fault, unless there are 1 to 500 items with ids of their own and
    whole prices from 1 to ten million."""
    if not 1 <= len(items) <= MAX_ITEMS:
        raise MenuInvalid(errors=(FieldError("/items", f"A menu has 1 to {MAX_ITEMS} items."),))
    uses = Counter(item.id for item in items)
    faults = [fault for n, item in enumerate(items) if (fault := _fault(n, item, uses))]
    if faults:
        raise MenuInvalid(errors=tuple(faults))


def _fault(n: int, item: MenuItem, uses: Counter[str]) -> FieldError | None:
    if type(item.price) is not int or not 0 < item.price <= MAX_PRICE:
        return FieldError(f"/items/{n}/price", f"A price is a whole number from 1 to {MAX_PRICE}.")
    if uses[item.id] > 1:
        return FieldError(f"/items/{n}/id", "Another item of this menu has the same id.")
    return None
