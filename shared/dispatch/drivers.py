"""Drivers: availability, load, rating and the offer that waits for their answer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from shared.dispatch.machine import ReviewState
from shared.kernel.access import AccountDisabled
from shared.kernel.errors import Forbidden, Invalid, NotFound, WrongState
from shared.kernel.geo import Point, region
from shared.kernel.ratings import Counts, by_stars, with_one_more
from shared.kernel.vehicle import Vehicle

LOAD_CAP = 2
"""Orders that a driver carries at once, unless their record says otherwise."""

MAX_CONSECUTIVE_TIMEOUTS = 3
"""Offers that time out in a row before the driver is set offline."""

MAX_LATITUDE = 85.0
"""The driver location index ends short of the poles, as Web Mercator does."""

PRIOR_RATING, PRIOR_RATINGS = 4.5, 5
"""The rating that a driver without reviews has, and the number of reviews that it weighs."""

PRIOR_ACCEPTANCE, PRIOR_OFFERS = 0.8, 5
"""The same for the share of offers accepted."""


class DriverNotFound(NotFound):
    """The driver does not exist."""

    code = "DRIVER_NOT_FOUND"
    detail = "The driver does not exist. Check the driver id."


class DriverNotRegistered(Forbidden):
    """The user is not registered as a driver."""

    code = "DRIVER_NOT_REGISTERED"
    detail = "Register as a driver first."


class DriverNotApproved(WrongState):
    """The driver is not approved: they have applied, or were rejected or suspended."""

    code = "DRIVER_NOT_APPROVED"
    detail = "You are not approved as a driver. Your driver record shows the review and its reason."


class DriverNotOnline(WrongState):
    """The driver does not take orders at the moment."""

    code = "DRIVER_NOT_ONLINE"
    detail = "Go online before you accept orders."


class LoadCapReached(WrongState):
    """The driver carries as many orders as their load cap allows."""

    code = "LOAD_CAP_REACHED"
    detail = "You carry as many orders as you may at once. Deliver one of them first."


class VerificationDocumentsNotValid(WrongState):
    """A required verification document is missing, not approved or expired."""

    code = "VERIFICATION_DOCUMENTS_NOT_VALID"
    detail = "Your vehicle requires a document that is missing, not approved or expired. List them."


class PlaceOffTheMap(Invalid):
    """The place is nearer to a pole than the driver location index reaches."""

    code = "PLACE_OFF_THE_MAP"
    detail = "Send a latitude between -85 and 85 degrees."


class DriverStatus(StrEnum):
    """Whether a driver takes orders."""

    OFFLINE = "offline"
    ONLINE = "online"
    ON_BREAK = "on_break"


@dataclass(frozen=True, slots=True)
class Driver:
    """A driver without a position; `version` grows with every change, so that the index keeps the latest.

    `outstanding_offer` is the one offer that waits for an answer, until `offer_expires_at`;
    `consecutive_timeouts` counts the offers that timed out since the driver last answered one.
    `documents_valid_until` is None where no verification documents are required.
    """

    id: str
    name: str
    vehicle: Vehicle
    approved: bool = False
    status: DriverStatus = DriverStatus.OFFLINE
    active_orders: tuple[str, ...] = ()
    load_cap: int = LOAD_CAP
    rating_sum: int = 0
    rating_count: int = 0
    offers_made: int = 0
    offers_accepted: int = 0
    region: str = ""
    version: int = 0
    outstanding_offer: str | None = None
    offer_expires_at: datetime | None = None
    consecutive_timeouts: int = 0
    documents_valid_until: datetime | None = None
    closed: bool = False
    """Whether the account of the driver is closed."""
    stars: Counts = ()
    """The reviews by their stars; older reviews are in sum and count alone."""
    review_state: ReviewState = ReviewState.APPLIED
    """Read `review`: drivers of earlier versions have `approved` alone."""
    review_reason: str = ""
    """Why they were rejected or suspended; the driver reads it."""
    reviewed_at: datetime | None = None
    """Since when the review is in its state; None where that was never changed."""

    @property
    def review(self) -> ReviewState:
        """Return what operators have decided about the driver."""
        return ReviewState.APPROVED if self.approved else self.review_state

    @property
    def rating_stars(self) -> Counts:
        """Return how often one star was given, two stars, and so on."""
        return by_stars(self.stars)

    @property
    def load(self) -> int:
        """Return how many orders the driver carries."""
        return len(self.active_orders)

    @property
    def rating(self) -> float:
        """Return the mean stars (1 to 5), pulled towards the prior by few reviews (Bayesian average)."""
        return (PRIOR_RATING * PRIOR_RATINGS + self.rating_sum) / (PRIOR_RATINGS + self.rating_count)

    @property
    def acceptance(self) -> float:
        """Return the share of offers accepted (0 to 1), pulled towards the prior by few offers."""
        accepted = PRIOR_ACCEPTANCE * PRIOR_OFFERS + self.offers_accepted
        return min(1.0, accepted / (PRIOR_OFFERS + self.offers_made))

    def check_can_take_order(self) -> None:
        """Return if an order can be added.

        Raises `AccountDisabled`, `DriverNotApproved`, `DriverNotOnline` or `LoadCapReached`.
        """
        if self.closed:
            raise AccountDisabled
        if not self.approved:
            raise DriverNotApproved
        if self.status is not DriverStatus.ONLINE:
            raise DriverNotOnline
        if self.load >= self.load_cap:
            raise LoadCapReached

    def can_take_order(self) -> bool:
        """Return whether one more order may be added."""
        works = self.approved and not self.closed and self.status is DriverStatus.ONLINE
        return works and self.load < self.load_cap

    def can_receive_offer(self) -> bool:
        """Return whether an offer may be made: there is room, and no other offer is outstanding."""
        return self.can_take_order() and self.outstanding_offer is None  # mutant: two-offers

    def has_valid_documents(self, at: datetime) -> bool:
        """Return whether the driver's verification documents are valid at a moment."""
        return self.documents_valid_until is None or at < self.documents_valid_until  # mutant: expired


def go_online(
    driver: Driver | None, at: Point, documents_valid_until: datetime | None, now: datetime
) -> Driver:
    """Return the driver as online in the region of `at`.

    Raises `DriverNotRegistered`, `DriverNotApproved`, `VerificationDocumentsNotValid` or `PlaceOffTheMap`.
    """
    if driver is None:
        raise DriverNotRegistered
    if driver.closed:
        raise AccountDisabled
    if not driver.approved:
        raise DriverNotApproved
    if abs(at.lat) > MAX_LATITUDE:
        raise PlaceOffTheMap
    checked = replace(driver, documents_valid_until=documents_valid_until)
    if not checked.has_valid_documents(now):
        raise VerificationDocumentsNotValid
    online = replace(checked, status=DriverStatus.ONLINE, region=region(at), consecutive_timeouts=0)
    return next_version(driver, online)


def update_documents(driver: Driver, documents_valid_until: datetime | None, now: datetime) -> Driver:
    """Return the driver with the new validity of their documents; offline when they are not valid."""
    checked = replace(driver, documents_valid_until=documents_valid_until)
    status = driver.status if checked.has_valid_documents(now) else DriverStatus.OFFLINE
    return next_version(driver, replace(checked, status=status))


def go_offline(driver: Driver | None) -> Driver:
    """Return the driver as offline; they keep their active orders. Raises `DriverNotRegistered`."""
    if driver is None:
        raise DriverNotRegistered
    return next_version(driver, replace(driver, status=DriverStatus.OFFLINE))


def add_order(driver: Driver, order_id: str, offer_id: str) -> Driver:
    """Return the driver with one more order, whose offer they accepted."""
    taken = replace(
        driver,
        active_orders=(*driver.active_orders, order_id),
        offers_accepted=driver.offers_accepted + 1,
        consecutive_timeouts=0,
    )
    return next_version(driver, _without_offer(taken, offer_id))


def remove_order(driver: Driver, order_id: str) -> Driver:
    """Return the driver without an order; the same driver when it was not theirs."""
    # mutant: delivered-stays
    remaining = tuple(order for order in driver.active_orders if order != order_id)
    return next_version(driver, replace(driver, active_orders=remaining))


def receive_offer(driver: Driver, offer_id: str, until: datetime) -> Driver:
    """Return the driver with this offer outstanding."""
    made = driver.offers_made + 1
    return next_version(
        driver, replace(driver, offers_made=made, outstanding_offer=offer_id, offer_expires_at=until)
    )


def decline_offer(driver: Driver, offer_id: str) -> Driver:
    """Return the driver after they declined the offer."""
    return next_version(driver, _without_offer(replace(driver, consecutive_timeouts=0), offer_id))


def time_out_offer(driver: Driver, offer_id: str) -> Driver:
    """Return the driver after the offer timed out: offline after `MAX_CONSECUTIVE_TIMEOUTS` in a row."""
    timeouts = driver.consecutive_timeouts + 1
    # mutant: offers-for-ever
    away = timeouts >= MAX_CONSECUTIVE_TIMEOUTS and driver.status is DriverStatus.ONLINE
    status = DriverStatus.OFFLINE if away else driver.status
    after = replace(driver, consecutive_timeouts=timeouts, status=status)
    return next_version(driver, _without_offer(after, offer_id))


def withdraw_offer(driver: Driver, offer_id: str) -> Driver:
    """Return the driver without the offer, which ended for a reason that is not theirs.

    It counts as one that was never made.
    """
    if driver.outstanding_offer != offer_id:
        return driver
    uncounted = replace(driver, offers_made=max(driver.offers_accepted, driver.offers_made - 1))
    return next_version(driver, _without_offer(uncounted, offer_id))


def rate(driver: Driver, stars: int) -> Driver:
    """Return the driver with one more review."""
    count, total = driver.rating_count + 1, driver.rating_sum + stars
    counts = with_one_more(driver.stars, stars)
    return next_version(driver, replace(driver, rating_sum=total, rating_count=count, stars=counts))


def _without_offer(driver: Driver, offer_id: str) -> Driver:
    """Return the driver with this offer no longer outstanding; another one stays."""
    if driver.outstanding_offer != offer_id:
        return driver
    return replace(driver, outstanding_offer=None, offer_expires_at=None)  # mutant: offer-left


def next_version(before: Driver, after: Driver) -> Driver:
    """Return `after` as the next version, or `before` when nothing differs."""
    return before if after == before else replace(after, version=before.version + 1)
