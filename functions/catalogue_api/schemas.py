"""Requests and responses about merchants. Prices are integers in minor units of `currency`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, StringConstraints

from shared.catalogue.browsing import Nearby
from shared.catalogue.domain import MAX_OPEN_ORDERS, Merchant, MerchantProfile
from shared.catalogue.membership import Membership
from shared.catalogue.menu_checks import MAX_PREP_MINUTES
from shared.catalogue.opening import (
    MAX_LAST_ORDER_MINUTES,
    closes_at,
    last_order_at,
    opens_at,
    takes_orders,
)
from shared.catalogue.queries import Application
from shared.edge.reported import Coordinates
from shared.edge.schemas import Moment, RequestModel, ResponseModel
from shared.edge.text import AddressLine, Line, Name, Note, Reason, Reference
from shared.kernel.geo import Point
from shared.kernel.order import Business
from shared.orders.businesses import MERCHANT_BUSINESSES

CategoryName = Annotated[Name, StringConstraints(max_length=60)]
CategoryText = Annotated[Line, StringConstraints(max_length=60)]
Image = Reference
Description = Annotated[Note, StringConstraints(max_length=1_000)]
if TYPE_CHECKING:
    MerchantBusiness = str
else:
    MerchantBusiness = Literal[tuple(business.value for business in MERCHANT_BUSINESSES)]


class MerchantRequest(RequestModel):
    """The profile of a merchant."""

    name: Name
    category: CategoryName
    location: Coordinates
    address: AddressLine
    prep_minutes: Annotated[int, Field(ge=1, le=MAX_PREP_MINUTES)]
    image: Image = ""
    description: Description = ""

    def profile(self) -> MerchantProfile:
        """Return the domain object."""
        point = Point(self.location.lat, self.location.lng)
        return MerchantProfile(
            self.name, self.category, point, self.address, self.prep_minutes, self.image, self.description
        )


class RegistrationRequest(MerchantRequest):
    """The profile of a new merchant and its business, which cannot change later."""

    business: MerchantBusiness = Business.FOOD.value

    def profile(self) -> MerchantProfile:
        """Return the domain object."""
        return replace(super().profile(), business=Business(self.business))


class PauseRequest(RequestModel):
    """The end of the pause, within a week."""

    until: Moment


class CapacityRequest(RequestModel):
    """The highest number of open orders; null for no limit."""

    max_open_orders: Annotated[int, Field(ge=1, le=MAX_OPEN_ORDERS)] | None


class LastOrderRequest(RequestModel):
    """How many minutes before its closing a merchant accepts its last order; null: its preparation time."""

    minutes_before_closing: Annotated[int, Field(ge=0, le=MAX_LAST_ORDER_MINUTES)] | None


class ReasonRequest(RequestModel):
    """The reason, which the staff of the merchant can read."""

    reason: Reason


class PointView(ResponseModel):
    """A position in degrees, WGS 84."""

    lat: float
    lng: float


class MerchantView(ResponseModel):
    """A merchant. `rating` is null before the first rating, `menu_version` is 0 before the first menu.

    `rating_stars` holds the number of ratings with one star, two stars, and so on. The staff sets `open`;
    `open_now`, whether it accepts orders, also depends on the hours, a pause and the licence. `opens_at` is
    set while it accepts none and will by its hours. `closes_at` is set while it is open and closes by its
    hours, and `last_order_at`, `last_order_minutes` (null: `prep_minutes`) before, ends its orders.
    `application_status` is pending, approved, rejected or suspended; the last two have a `reason`.
    """

    id: str
    business: Business
    name: str
    category: str
    description: str
    image: str
    location: PointView
    address: str
    approved: bool
    application_status: str
    reason: str
    open: bool
    open_now: bool
    opens_at: datetime | None
    closes_at: datetime | None
    last_order_at: datetime | None
    last_order_minutes: int | None
    paused_until: datetime | None
    timezone: str
    prep_minutes: int
    max_open_orders: int | None
    menu_version: int
    rating: float | None
    rating_count: int
    rating_stars: list[int]
    currency: str

    @classmethod
    def of(cls, merchant: Merchant, now: datetime) -> MerchantView:
        """Return the view of a merchant at a moment."""
        return MerchantView.model_validate(_fields(merchant, now))


class NearbyView(MerchantView):
    """A merchant and its great-circle distance in metres."""

    distance_m: int

    @classmethod
    def near(cls, found: Nearby, now: datetime) -> NearbyView:
        """Return the view of a search result."""
        return cls.model_validate({**_fields(found.merchant, now), "distance_m": found.distance_m})


class MerchantPage(ResponseModel):
    """A page of merchants in the requested order. The last page has an empty `next_page_token`."""

    merchants: list[NearbyView]
    next_page_token: str


class StaffView(ResponseModel):
    """The staff of a merchant, by uid."""

    owner_id: str
    staff: list[str]

    @classmethod
    def of(cls, merchant: Merchant, members: Sequence[Membership]) -> StaffView:
        """Return the view of a merchant's staff."""
        return cls(owner_id=merchant.owner_id, staff=[member.uid for member in members])


class ApplicationReviewView(ResponseModel):
    """A review of a merchant's application."""

    number: int
    outcome: str
    reason: str
    by: str
    at: datetime


class ApplicationView(MerchantView):
    """A merchant with the fields for admins."""

    owner_id: str
    staff_count: int
    created_at: datetime

    @classmethod
    def of(cls, merchant: Merchant, now: datetime) -> ApplicationView:
        """Return the view of a merchant at a moment."""
        own = {name: getattr(merchant, name) for name in ("owner_id", "staff_count", "created_at")}
        return cls.model_validate({**_fields(merchant, now), **own})


class ReviewedApplicationView(ResponseModel):
    """A merchant, the uids of its staff, and the reviews of its application, newest first."""

    merchant: ApplicationView
    staff: list[str]
    reviews: list[ApplicationReviewView]

    @classmethod
    def of(cls, found: Application, now: datetime) -> ReviewedApplicationView:
        """Return the view of an application."""
        return cls(
            merchant=ApplicationView.of(found.merchant, now),
            staff=[member.uid for member in found.staff],
            reviews=[ApplicationReviewView.model_validate(review) for review in found.reviews],
        )


class ApplicationPage(ResponseModel):
    """A page of merchants, oldest first. The last page has an empty `next_page_token`."""

    merchants: list[ApplicationView]
    next_page_token: str


def _fields(merchant: Merchant, now: datetime) -> dict[str, Any]:
    own = {name: getattr(merchant, name) for name in MerchantView.model_fields if hasattr(merchant, name)}
    return {
        **own,
        "application_status": str(merchant.application_status),
        "open_now": takes_orders(merchant, now),
        "opens_at": opens_at(merchant, now),
        "closes_at": closes_at(merchant, now),
        "last_order_at": last_order_at(merchant, now),
    }
