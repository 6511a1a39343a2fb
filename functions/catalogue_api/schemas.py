"""Requests and responses about merchants. Prices are integers in minor units of `currency`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from shared.catalogue.domain import MAX_OPEN_ORDERS, Merchant, Registration
from shared.catalogue.menu_checks import MAX_PREP_MINUTES
from shared.catalogue.opening import closes_at, opens_at, takes_orders
from shared.catalogue.queries import Nearby
from shared.catalogue.rulings import Ruling
from shared.edge.schemas import Coordinates, Moment, RequestModel, ResponseModel, ShortText, Text
from shared.kernel.geo import Point
from shared.kernel.order import Business

CategoryName = Annotated[ShortText, StringConstraints(max_length=60)]
Image = Annotated[Text, StringConstraints(max_length=500)]
Description = Annotated[Text, StringConstraints(max_length=1_000)]
SearchText = Annotated[Text, StringConstraints(max_length=100)]


class MerchantRequest(RequestModel):
    """What a merchant says about itself."""

    name: ShortText
    category: CategoryName
    location: Coordinates
    address: ShortText
    prep_minutes: Annotated[int, Field(ge=1, le=MAX_PREP_MINUTES)]
    image: Image = ""
    description: Description = ""

    def registration(self) -> Registration:
        """Return it in the domain's words."""
        point = Point(self.location.lat, self.location.lng)
        return Registration(
            self.name, self.category, point, self.address, self.prep_minutes, self.image, self.description
        )


class RegistrationRequest(MerchantRequest):
    """What a new merchant says about itself, and which business it is in: that stays."""

    business: Literal["food", "local", "med"] = "food"

    def registration(self) -> Registration:
        """Return it in the domain's words."""
        return replace(super().registration(), business=Business(self.business))


class PauseRequest(RequestModel):
    """Until when no orders are taken; within a week."""

    until: Moment


class CapacityRequest(RequestModel):
    """How many orders the kitchen can have in hand at once; null for any number."""

    max_open_orders: Annotated[int, Field(ge=1, le=MAX_OPEN_ORDERS)] | None


class ReasonRequest(RequestModel):
    """Why; the staff of the merchant reads it."""

    reason: ShortText


class PointView(ResponseModel):
    """A position in degrees, WGS 84."""

    lat: float
    lng: float


class MerchantView(ResponseModel):
    """A merchant; `rating` is null before the first one, `menu_version` 0 before the first menu.

    `rating_stars` says how often one star was given, two stars and so on, since that is counted.
    `open` is the switch, `open_now` what it comes to with hours and pause. `opens_at` is there only
    while it is closed and will open by itself, `closes_at` only while it is open and will close.
    `standing` is pending, approved, rejected or suspended, the latter two with a `reason`.
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
    standing: str
    reason: str
    open: bool
    open_now: bool
    opens_at: datetime | None
    closes_at: datetime | None
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
        return MerchantView.model_validate(_shown(merchant, now))


class NearbyView(MerchantView):
    """A merchant and how far it is, as the crow flies."""

    distance_m: int

    @classmethod
    def near(cls, found: Nearby, now: datetime) -> NearbyView:
        """Return the view of a merchant that was found."""
        return cls.model_validate({**_shown(found.merchant, now), "distance_m": found.distance_m})


class MerchantPage(ResponseModel):
    """Some merchants in the order that was asked for; an empty `next_page_token` ends the list."""

    merchants: list[NearbyView]
    next_page_token: str


class StaffView(ResponseModel):
    """Who works at a merchant, by uid."""

    owner_id: str
    staff: list[str]


class RulingView(ResponseModel):
    """What an admin decided about a merchant."""

    number: int
    verdict: str
    reason: str
    by: str
    at: datetime


class ApplicationView(MerchantView):
    """A merchant as admins see it."""

    owner_id: str
    staff: list[str]
    created_at: datetime

    @classmethod
    def of(cls, merchant: Merchant, now: datetime) -> ApplicationView:
        """Return the view of a merchant at a moment."""
        own = {"owner_id": merchant.owner_id, "staff": merchant.staff, "created_at": merchant.created_at}
        return cls.model_validate({**_shown(merchant, now), **own})


class ReviewedApplicationView(ResponseModel):
    """A merchant as admins see it, and what was decided about it, the latest first."""

    merchant: ApplicationView
    rulings: list[RulingView]

    @classmethod
    def of(cls, merchant: Merchant, rulings: Sequence[Ruling], now: datetime) -> ReviewedApplicationView:
        """Return the view of a merchant and its rulings."""
        seen = [RulingView.model_validate(ruling) for ruling in rulings]
        return cls(merchant=ApplicationView.of(merchant, now), rulings=seen)


class ApplicationPage(ResponseModel):
    """Some merchants, the longest-waiting first; an empty `next_page_token` ends the list."""

    merchants: list[ApplicationView]
    next_page_token: str


def _shown(merchant: Merchant, now: datetime) -> dict[str, Any]:
    own = {name: getattr(merchant, name) for name in MerchantView.model_fields if hasattr(merchant, name)}
    return {
        **own,
        "standing": str(merchant.standing),
        "open_now": takes_orders(merchant, now),
        "opens_at": opens_at(merchant, now),
        "closes_at": closes_at(merchant, now),
    }
