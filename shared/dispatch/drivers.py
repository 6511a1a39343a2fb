"""Drivers: who may carry how much, and how well they are thought of."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from shared.kernel.errors import Forbidden, Invalid, NotFound, WrongState
from shared.kernel.geo import Point, region

LOAD_CAP = 2
"""Orders that a driver carries at once, unless their record says otherwise."""

MAX_LATITUDE = 85.0
"""The map ends short of the poles, as Web Mercator does."""

PRIOR_RATING, PRIOR_RATINGS = 4.5, 5
"""What a driver without reviews is taken for, and how many reviews that belief weighs."""

PRIOR_ACCEPTANCE, PRIOR_OFFERS = 0.8, 5
"""The same for the share of offers accepted."""


class DriverNotFound(NotFound):
    """There is no such driver."""


class DriverNotRegistered(Forbidden):
    """Register as a driver first."""


class AlreadyRegistered(WrongState):
    """You are registered as a driver already."""


class DriverNotApproved(WrongState):
    """Your registration has not been approved yet."""


class DriverNotOnline(WrongState):
    """Go online before you take orders."""


class LoadCapReached(WrongState):
    """You carry as many orders as you may at once."""


class PlaceOffTheMap(Invalid):
    """Nobody delivers so near to a pole."""


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
    """A driver without a position; `version` grows with every change, so that the index keeps the latest."""

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

    def check_can_carry(self) -> None:
        """Raise `DriverNotApproved`, `DriverNotOnline` or `LoadCapReached` when no order can be added."""
        if not self.approved:
            raise DriverNotApproved
        if self.status is not DriverStatus.ONLINE:
            raise DriverNotOnline
        if self.load >= self.load_cap:
            raise LoadCapReached

    def can_carry(self) -> bool:
        """Say whether one more order may be offered."""
        return self.approved and self.status is DriverStatus.ONLINE and self.load < self.load_cap


def register(known: Driver | None, uid: str, name: str, vehicle: Vehicle) -> Driver:
    """Return a new driver, who waits for approval. Raises `AlreadyRegistered`."""
    if known is not None:
        raise AlreadyRegistered
    return Driver(uid, name, vehicle)


def approve(driver: Driver | None) -> Driver:
    """Return the driver, approved. Raises `DriverNotFound`."""
    if driver is None:
        raise DriverNotFound
    return _changed(driver, replace(driver, approved=True))


def go_online(driver: Driver | None, at: Point) -> Driver:
    """Return the driver, taking orders in the region where they are.

    Raises `DriverNotRegistered`, `DriverNotApproved` or `PlaceOffTheMap`.
    """
    if driver is None:
        raise DriverNotRegistered
    if not driver.approved:
        raise DriverNotApproved
    if abs(at.lat) > MAX_LATITUDE:
        raise PlaceOffTheMap
    return _changed(driver, replace(driver, status=DriverStatus.ONLINE, region=region(at)))


def go_offline(driver: Driver | None) -> Driver:
    """Return the driver, taking no more orders; what they carry they keep. Raises `DriverNotRegistered`."""
    if driver is None:
        raise DriverNotRegistered
    return _changed(driver, replace(driver, status=DriverStatus.OFFLINE))


def take(driver: Driver, order_id: str) -> Driver:
    """Return the driver with one more order, whose offer they accepted."""
    orders = (*driver.active_orders, order_id)
    taken = replace(driver, active_orders=orders, offers_accepted=driver.offers_accepted + 1)
    return _changed(driver, taken)


def free(driver: Driver, order_id: str) -> Driver:
    """Return the driver freed of an order; the same driver when it was not theirs."""
    rest = tuple(order for order in driver.active_orders if order != order_id)
    return _changed(driver, replace(driver, active_orders=rest))


def ask(driver: Driver) -> Driver:
    """Return the driver with one more offer made to them."""
    return _changed(driver, replace(driver, offers_made=driver.offers_made + 1))


def rate(driver: Driver, stars: int) -> Driver:
    """Return the driver with one more review."""
    count, total = driver.rating_count + 1, driver.rating_sum + stars
    return _changed(driver, replace(driver, rating_sum=total, rating_count=count))


def _changed(before: Driver, after: Driver) -> Driver:
    """Return `after` as the next version, or `before` when nothing differs."""
    return before if after == before else replace(after, version=before.version + 1)
