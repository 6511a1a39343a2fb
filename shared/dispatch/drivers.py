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

MISSED_LIMIT = 3
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


class PapersNotInOrder(WrongState):
    """You need an approved driving licence and proof of identity, both still valid."""

    code = "PAPERS_NOT_IN_ORDER"
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

    `open_offer` is the one offer that waits for their answer, until `asked_until`; `missed` counts those
    that they have let lapse since they last gave one. Their papers are good before `papers_until`; None
    where nobody asks for papers.
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
    open_offer: str | None = None
    asked_until: datetime | None = None
    missed: int = 0
    papers_until: datetime | None = None
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

    def can_be_asked(self) -> bool:
        """Say whether an offer may be made: there is room, and no other offer waits for an answer."""
        return self.can_carry() and self.open_offer is None

    def has_papers(self, at: datetime) -> bool:
        """Say whether the driver may drive at a moment, as far as their papers go."""
        return self.papers_until is None or at < self.papers_until


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


def go_online(driver: Driver | None, at: Point, papers_until: datetime | None, now: datetime) -> Driver:
    """Return the driver, taking orders in the region where they are, while their papers are good.

    Raises `DriverNotRegistered`, `DriverNotApproved`, `PapersNotInOrder` or `PlaceOffTheMap`.
    """
    if driver is None:
        raise DriverNotRegistered
    if not driver.approved:
        raise DriverNotApproved
    if abs(at.lat) > MAX_LATITUDE:
        raise PlaceOffTheMap
    checked = replace(driver, papers_until=papers_until)
    if not checked.has_papers(now):
        raise PapersNotInOrder
    return _changed(driver, replace(checked, status=DriverStatus.ONLINE, region=region(at), missed=0))


def check_papers(driver: Driver, papers_until: datetime | None, now: datetime) -> Driver:
    """Return the driver as their papers are now: without good ones they take no more orders."""
    checked = replace(driver, papers_until=papers_until)
    status = driver.status if checked.has_papers(now) else DriverStatus.OFFLINE
    return _changed(driver, replace(checked, status=status))


def go_offline(driver: Driver | None) -> Driver:
    """Return the driver, taking no more orders; what they carry they keep. Raises `DriverNotRegistered`."""
    if driver is None:
        raise DriverNotRegistered
    return _changed(driver, replace(driver, status=DriverStatus.OFFLINE))


def take(driver: Driver, order_id: str, offer_id: str) -> Driver:
    """Return the driver with one more order, whose offer they accepted."""
    orders = (*driver.active_orders, order_id)
    taken = replace(driver, active_orders=orders, offers_accepted=driver.offers_accepted + 1, missed=0)
    return _changed(driver, _relieved(taken, offer_id))


def free(driver: Driver, order_id: str) -> Driver:
    """Return the driver freed of an order; the same driver when it was not theirs."""
    rest = tuple(order for order in driver.active_orders if order != order_id)
    return _changed(driver, replace(driver, active_orders=rest))


def ask(driver: Driver, offer_id: str, until: datetime) -> Driver:
    """Return the driver with one more offer made to them, which waits for their answer."""
    made = driver.offers_made + 1
    return _changed(driver, replace(driver, offers_made=made, open_offer=offer_id, asked_until=until))


def refuse(driver: Driver, offer_id: str) -> Driver:
    """Return the driver, who said no to the offer."""
    return _changed(driver, _relieved(replace(driver, missed=0), offer_id))


def miss(driver: Driver, offer_id: str) -> Driver:
    """Return the driver, who left the offer without an answer: offline after `MISSED_LIMIT` in a row."""
    missed = driver.missed + 1
    away = missed >= MISSED_LIMIT and driver.status is DriverStatus.ONLINE
    status = DriverStatus.OFFLINE if away else driver.status
    return _changed(driver, _relieved(replace(driver, missed=missed, status=status), offer_id))


def release(driver: Driver, offer_id: str) -> Driver:
    """Return the driver without the offer, which ended through nothing that they did."""
    return _changed(driver, _relieved(driver, offer_id))


def rate(driver: Driver, stars: int) -> Driver:
    """Return the driver with one more review."""
    count, total = driver.rating_count + 1, driver.rating_sum + stars
    counts = with_one_more(driver.stars, stars)
    return _changed(driver, replace(driver, rating_sum=total, rating_count=count, stars=counts))


def _relieved(driver: Driver, offer_id: str) -> Driver:
    """Return the driver with no answer to give to this offer; another one stays."""
    if driver.open_offer != offer_id:
        return driver
    return replace(driver, open_offer=None, asked_until=None)


def _changed(before: Driver, after: Driver) -> Driver:
    """Return `after` as the next version, or `before` when nothing differs."""
    return before if after == before else replace(after, version=before.version + 1)
