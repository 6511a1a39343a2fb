"""Requests and responses of `dispatch_api`."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field

from shared.dispatch.domain import AssignmentContext, Offer
from shared.dispatch.drivers import Driver, DriverStatus
from shared.dispatch.handover import HandBackReason
from shared.dispatch.machine import OfferState, ReviewState
from shared.edge.schemas import RequestModel, ResponseModel
from shared.edge.text import Name
from shared.kernel.vehicle import DriverDocument, Vehicle


class DriverRequest(RequestModel):
    """A registration as a driver."""

    name: Name
    vehicle: Annotated[Vehicle, Field(strict=False)]


class HandBackRequest(RequestModel):
    """Why an accepted order is handed back."""

    reason: Annotated[HandBackReason, Field(strict=False)]


class DriverView(ResponseModel):
    """A driver's own record; `rating` is the mean of the stars, pulled towards 4.5 while there are few.

    `rating_stars` counts the reviews with one star, two stars and so on. `review` is what operators have
    decided about the driver, and `review_reason` why they were rejected or suspended.
    """

    id: str
    name: str
    vehicle: Vehicle
    approved: bool
    review: ReviewState = Field(examples=["approved"])
    review_reason: str
    status: DriverStatus
    active_orders: list[str]
    load_cap: int = Field(examples=[2])
    rating: float
    rating_count: int
    rating_stars: list[int]
    offers_made: int
    offers_accepted: int

    @classmethod
    def of(cls, driver: Driver) -> DriverView:
        """Return the view of a driver."""
        return cls.model_validate(driver)


class RequiredDocumentView(ResponseModel):
    """A kind of document that a vehicle requires.

    `approved` is false where none was approved, or where the approved one has expired. `valid_until` is null
    then, and where the document never expires.
    """

    kind: DriverDocument
    approved: bool
    valid_until: datetime | None


class DriverRequirements(ResponseModel):
    """The documents that a driver's vehicle requires; none where the operator requires none."""

    documents: list[RequiredDocumentView]


class OfferPlaceView(ResponseModel):
    """A position and its address."""

    lat: float
    lng: float
    address: str


class PayView(ResponseModel):
    """The driver's pay, in minor units."""

    amount: int
    currency: str


class OfferView(ResponseModel):
    """An offer as its driver sees it; it cannot be accepted from `expires_at` on.

    `dropoff` is the area without an address; the driver who accepts reads the address in the order.
    """

    id: str
    order_id: str
    attempt: int
    state: OfferState
    made_at: datetime
    expires_at: datetime
    distance_m: float
    pay: PayView
    pickup: OfferPlaceView
    dropoff: OfferPlaceView
    merchant_name: str

    @classmethod
    def of(cls, offer: Offer) -> OfferView:
        """Return the view of an offer."""
        return cls.model_validate(offer)

    @classmethod
    def of_context(cls, context: AssignmentContext) -> OfferView:
        """Return the view of the offer of a decision."""
        return cls.model_validate(context.offer)
