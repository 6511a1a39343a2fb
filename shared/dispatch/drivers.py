"""Drivers: who may carry how much, and how well they are thought of."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from shared.kernel.errors import Forbidden, Invalid, NotFound, WrongState
from shared.kernel.geo import Point, region
from shared.kernel.ratings import Counts, by_stars, with_one_more

LOAD_CAP = 2
"""Orders that a driver carries at once, unless their record says otherwise."""

MAX_CONSECUTIVE_TIMEOUTS = 3
"""Offers left without an answer in a row, after which a driver is taken to be away."""

MAX_LATITUDE = 85.0
"""The map ends short of the poles, as Web Mercator does."""

PRIOR_RATING, PRIOR_RATINGS = 4.5, 5
"""What a driver without reviews is taken for, and how many reviews that belief weighs."""

PRIOR_ACCEPTANCE, PRIOR_OFFERS = 0.8, 5
"""The same for the share of offers accepted."""


class DriverNotFound(NotFound):
    """There is no such driver."""

    code = "DRIVER_NOT_FOUND"
    detail = "There is no such driver."


class DriverNotRegistered(Forbidden):
    """Register as a driver first."""

    code = "DRIVER_NOT_REGISTERED"
    detail = "Register as a driver first."


class AlreadyRegistered(WrongState):
    """You are registered as a driver already."""

    code = "ALREADY_REGISTERED"
    detail = "You are registered as a driver already."


class DriverNotApproved(WrongState):
    """Your registration has not been approved yet."""

    code = "DRIVER_NOT_APPROVED"
    detail = "Your registration has not been approved yet."


class DriverNotOnline(WrongState):
    """Go online before you take orders."""

    code = "DRIVER_NOT_ONLINE"
    detail = "Go online before you take orders."


class LoadCapReached(WrongState):
    """You carry as many orders as you may at once."""

    code = "LOAD_CAP_REACHED"
    detail = "You carry as many orders as you may at once."


class VerificationDocumentsNotValid(WrongState):
    """You need an approved driving licence and proof of identity, both still valid."""

    code = "VERIFICATION_DOCUMENTS_NOT_VALID"
    detail = "You need an approved driving licence and proof of identity, both still valid."


class PlaceOffTheMap(Invalid):
    """Nobody delivers so near to a pole."""

    code = "PLACE_OFF_THE_MAP"
    detail = "Nobody delivers so near to a pole."


class DriverStatus(StrEnum):
    """Whether a driver takes orders."""

    OFFLINE = "offline"
    ONLINE = "online"
    ON_BREAK = "on_break"


class Vehicle(StrEnum):
    """What a driver moves on."""

    BICYCLE = "bicycle"
    SCOOTER = "scooter"
    CAR = "car"


@dataclass(frozen=True, slots=True)
class Driver:
    """A driver without a position; `version` grows with every change, so that the index keeps the latest.

    `outstanding_offer` is the one offer that waits for an answer, until `offer_expires_at`;
    `consecutive_timeouts` counts the offers that timed out since the driver last answered one.
    `documents_valid_until` is None where no documents are required.
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
    stars: Counts = ()
    """The reviews by their stars; those from before they were kept are in sum and count alone."""

    @property
    def rating_stars(self) -> Counts:
        """How often one star was given, two stars, and so on."""
        return by_stars(self.stars)

    @property
    def load(self) -> int:
        """How many orders the driver carries."""
        return len(self.active_orders)

    @property
    def rating(self) -> float:
        """Mean stars (1 to 5), drawn towards the prior while reviews are few (Bayesian average)."""
        return (PRIOR_RATING * PRIOR_RATINGS + self.rating_sum) / (PRIOR_RATINGS + self.rating_count)

    @property
    def acceptance(self) -> float:
        """Share of offers accepted (0 to 1), drawn towards the prior while offers are few."""
        accepted = PRIOR_ACCEPTANCE * PRIOR_OFFERS + self.offers_accepted
        return min(1.0, accepted / (PRIOR_OFFERS + self.offers_made))

    def check_can_take_order(self) -> None:
        """Raise `DriverNotApproved`, `DriverNotOnline` or `LoadCapReached` when no order can be added."""
        if not self.approved:
            raise DriverNotApproved
        if self.status is not DriverStatus.ONLINE:
            raise DriverNotOnline
        if self.load >= self.load_cap:
            raise LoadCapReached

    def can_take_order(self) -> bool:
        """Say whether one more order may be offered."""
        return self.approved and self.status is DriverStatus.ONLINE and self.load < self.load_cap

    def can_receive_offer(self) -> bool:
        """Say whether an offer may be made: there is room, and no other offer waits for an answer."""
        return self.can_take_order() and self.outstanding_offer is None

    def has_valid_documents(self, at: datetime) -> bool:
        """Say whether the driver may drive at a moment, as far as their papers go."""
        return self.documents_valid_until is None or at < self.documents_valid_until


def register(known: Driver | None, uid: str, name: str, vehicle: Vehicle) -> Driver:
    """Return a new driver, who waits for approval. Raises `AlreadyRegistered`."""
    if known is not None:
        raise AlreadyRegistered
    return Driver(uid, name, vehicle)


def approve(driver: Driver | None) -> Driver:
    """Return the driver, approved. Raises `DriverNotFound`."""
    if driver is None:
        raise DriverNotFound
    return _next_version(driver, replace(driver, approved=True))


def go_online(
    driver: Driver | None, at: Point, documents_valid_until: datetime | None, now: datetime
) -> Driver:
    """Return the driver, taking orders in the region where they are, while their papers are good.

    Raises `DriverNotRegistered`, `DriverNotApproved`, `VerificationDocumentsNotValid` or `PlaceOffTheMap`.
    """
    if driver is None:
        raise DriverNotRegistered
    if not driver.approved:
        raise DriverNotApproved
    if abs(at.lat) > MAX_LATITUDE:
        raise PlaceOffTheMap
    checked = replace(driver, documents_valid_until=documents_valid_until)
    if not checked.has_valid_documents(now):
        raise VerificationDocumentsNotValid
    return _next_version(
        driver, replace(checked, status=DriverStatus.ONLINE, region=region(at), consecutive_timeouts=0)
    )


def check_driver_documents(driver: Driver, documents_valid_until: datetime | None, now: datetime) -> Driver:
    """Return the driver as their papers are now: without good ones they take no more orders."""
    checked = replace(driver, documents_valid_until=documents_valid_until)
    status = driver.status if checked.has_valid_documents(now) else DriverStatus.OFFLINE
    return _next_version(driver, replace(checked, status=status))


def go_offline(driver: Driver | None) -> Driver:
    """Return the driver, taking no more orders; what they carry they keep. Raises `DriverNotRegistered`."""
    if driver is None:
        raise DriverNotRegistered
    return _next_version(driver, replace(driver, status=DriverStatus.OFFLINE))


def add_order(driver: Driver, order_id: str, offer_id: str) -> Driver:
    """Return the driver with one more order, whose offer they accepted."""
    orders = (*driver.active_orders, order_id)
    taken = replace(
        driver, active_orders=orders, offers_accepted=driver.offers_accepted + 1, consecutive_timeouts=0
    )
    return _next_version(driver, _without_offer(taken, offer_id))


def remove_order(driver: Driver, order_id: str) -> Driver:
    """Return the driver freed of an order; the same driver when it was not theirs."""
    rest = tuple(order for order in driver.active_orders if order != order_id)
    return _next_version(driver, replace(driver, active_orders=rest))


def receive_offer(driver: Driver, offer_id: str, until: datetime) -> Driver:
    """Return the driver with one more offer made to them, which waits for their answer."""
    made = driver.offers_made + 1
    return _next_version(
        driver, replace(driver, offers_made=made, outstanding_offer=offer_id, offer_expires_at=until)
    )


def decline_offer(driver: Driver, offer_id: str) -> Driver:
    """Return the driver, who said no to the offer."""
    return _next_version(driver, _without_offer(replace(driver, consecutive_timeouts=0), offer_id))


def time_out_offer(driver: Driver, offer_id: str) -> Driver:
    """Return the driver after the offer timed out: offline after `MAX_CONSECUTIVE_TIMEOUTS` in a row."""
    consecutive_timeouts = driver.consecutive_timeouts + 1
    away = consecutive_timeouts >= MAX_CONSECUTIVE_TIMEOUTS and driver.status is DriverStatus.ONLINE
    status = DriverStatus.OFFLINE if away else driver.status
    return _next_version(
        driver,
        _without_offer(replace(driver, consecutive_timeouts=consecutive_timeouts, status=status), offer_id),
    )


def withdraw_offer(driver: Driver, offer_id: str) -> Driver:
    """Return the driver without the offer, which ended through nothing that they did."""
    return _next_version(driver, _without_offer(driver, offer_id))


def rate(driver: Driver, stars: int) -> Driver:
    """Return the driver with one more review."""
    count, total = driver.rating_count + 1, driver.rating_sum + stars
    counts = with_one_more(driver.stars, stars)
    return _next_version(driver, replace(driver, rating_sum=total, rating_count=count, stars=counts))


def _without_offer(driver: Driver, offer_id: str) -> Driver:
    """Return the driver with no answer to give to this offer; another one stays."""
    if driver.outstanding_offer != offer_id:
        return driver
    return replace(driver, outstanding_offer=None, offer_expires_at=None)


def _next_version(before: Driver, after: Driver) -> Driver:
    """Return `after` as the next version, or `before` when nothing differs."""
    return before if after == before else replace(after, version=before.version + 1)
