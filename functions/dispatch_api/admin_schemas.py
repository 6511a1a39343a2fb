"""Requests and responses of the routes by which operators list and review drivers."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from functions.dispatch_api.schemas import DriverView
from shared.dispatch.drivers import Driver, DriverStatus
from shared.dispatch.machine import ReviewState
from shared.edge.schemas import RequestModel, ResponseModel
from shared.edge.text import Note, Reason
from shared.kernel.vehicle import Vehicle


class RejectionReason(RequestModel):
    """Why an applicant is rejected; they read it, and the audit log keeps it."""

    reason: Reason = Field(examples=["The licence is not for this kind of vehicle."])


class SuspensionRequest(RequestModel):
    """Why a driver is suspended; they read it, and the audit log keeps it."""

    reason: Reason = Field(examples=["Customers report another person at the door."])


class ApprovalRequest(RequestModel):
    """A note to an approval, for the audit log."""

    reason: Note = Field("", examples=["Documents checked in person."])


class DriverSummary(ResponseModel):
    """A driver in a list for operators; `load` counts the orders that they carry, of `load_cap`.

    `closed` says that their account is closed. The review is in its state since `reviewed_at`; null where
    it never changed.
    """

    id: str
    name: str = Field(examples=["Ravi Kumar"])
    vehicle: Vehicle
    review: ReviewState
    reviewed_at: datetime | None
    status: DriverStatus
    closed: bool = Field(examples=[False])
    load: int
    load_cap: int
    rating: float

    @classmethod
    def of(cls, driver: Driver) -> DriverSummary:
        """Return the summary of a driver."""
        return cls.model_validate(driver)


class DriverPage(ResponseModel):
    """A page of drivers, in the order of their ids; the last page has an empty `next_page_token`."""

    drivers: list[DriverSummary]
    next_page_token: str


class OperatorDriverView(ResponseModel):
    """A driver as operators see them: as the driver does, and more.

    `documents_valid_until` is as of their last start or check; null where none were required or they never
    went online. `offer_id` waits for their answer until `offer_expires_at`.
    """

    driver: DriverView
    reviewed_at: datetime | None
    closed: bool = Field(examples=[False])
    documents_valid_until: datetime | None
    offer_id: str | None
    offer_expires_at: datetime | None
    consecutive_timeouts: int

    @classmethod
    def seen(cls, driver: Driver) -> OperatorDriverView:
        """Return the view of a driver that an operator looks at."""
        return cls(
            driver=DriverView.of(driver),
            reviewed_at=driver.reviewed_at,
            closed=driver.closed,
            documents_valid_until=driver.documents_valid_until,
            offer_id=driver.outstanding_offer,
            offer_expires_at=driver.offer_expires_at,
            consecutive_timeouts=driver.consecutive_timeouts,
        )
