"""What dispatch tells the others."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from shared.kernel.event import Event, MerchantEvent, OrderEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferEvent(OrderEvent):
    """Something happened to the offer of an order to a driver."""

    offer_id: str
    driver_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferMade(OfferEvent):
    """A driver was asked to carry the order, until `expires_at`."""

    TYPE: ClassVar[str] = "waybill.dispatch.offer_made.v1"

    expires_at: datetime
    merchant_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferDeclined(OfferEvent):
    """The driver said no; the order needs another one."""

    TYPE: ClassVar[str] = "waybill.dispatch.offer_declined.v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferExpired(OfferEvent):
    """The driver did not answer in time; whoever noticed it searches on at once."""

    TYPE: ClassVar[str] = "waybill.dispatch.offer_expired.v1"
    PUBLISHED: ClassVar[bool] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DriverAssigned(OrderEvent):
    """A driver took the order."""

    TYPE: ClassVar[str] = "waybill.dispatch.driver_assigned.v1"

    driver_id: str
    customer_id: str
    merchant_staff: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderUnassignable(MerchantEvent):
    """There was nobody to ask, or no answer, for so long that the search rests for a while."""

    TYPE: ClassVar[str] = "waybill.dispatch.order_unassignable.v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class DriverSetOffline(Event):
    """The driver left so many offers in a row without an answer that they are taken to be away."""

    TYPE: ClassVar[str] = "waybill.dispatch.driver_set_offline.v1"

    driver_id: str
    consecutive_timeouts: int

    @property
    def subject(self) -> str:
        """The driver."""
        return self.driver_id
