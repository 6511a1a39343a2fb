"""Requests and responses of `dispatch_api`."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field

from shared.dispatch.domain import AssignmentContext, Offer, OfferState
from shared.dispatch.drivers import Driver, DriverStatus, Vehicle
from shared.edge.schemas import RequestModel, ResponseModel, ShortText


class DriverRequest(RequestModel):
    """Who wants to drive, and on what."""

    name: ShortText
    vehicle: Annotated[Vehicle, Field(strict=False)]


class DriverView(ResponseModel):
    """A driver as they see themselves; `rating` is the mean of the stars, drawn to 4.5 while they are few.

    `rating_stars` says how often one star was given, two stars and so on, since that is counted.
    """

    id: str
    name: str
    vehicle: Vehicle
    approved: bool
    status: DriverStatus
    active_orders: list[str]
    load_cap: int
    rating: float
    rating_count: int
    rating_stars: list[int]
    offers_made: int
    offers_accepted: int

    @classmethod
    def of(cls, driver: Driver) -> DriverView:
        """Return the view of a driver."""
        return cls.model_validate(driver)


class PlaceView(ResponseModel):
    """Where something is."""

    lat: float
    lng: float
    address: str


class PayView(ResponseModel):
    """What the driver earns, in minor units."""

    amount: int
    currency: str


class OfferView(ResponseModel):
    """An offer as its driver sees it; it cannot be accepted from `expires_at` on.

    `dropoff` is the area alone, without an address; who accepts reads the rest in the order.
    """

    id: str
    order_id: str
    attempt: int
    state: OfferState
    made_at: datetime
    expires_at: datetime
    distance_m: float
    pay: PayView
    pickup: PlaceView
    dropoff: PlaceView
    merchant_name: str

    @classmethod
    def of(cls, offer: Offer) -> OfferView:
        """Return the view of an offer."""
        return cls.model_validate(offer)

    @classmethod
    def of_context(cls, context: AssignmentContext) -> OfferView:
        """Return the view of the offer that was decided on."""
        return cls.model_validate(context.offer)
