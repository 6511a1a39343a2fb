"""The events that dispatch publishes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from shared.kernel.actor import Role
from shared.kernel.event import Event, MerchantEvent, OrderEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferEvent(OrderEvent):
    """An event about the offer of an order to a driver."""

    offer_id: str
    driver_id: str

    @property
    def actor_role(self) -> str:
        """The driver's; the order does not name the driver before they accept."""
        return Role.DRIVER.value if self.actor == self.driver_id else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferMade(OfferEvent):
    """The order was offered to a driver, who can accept it before `expires_at`."""

    TYPE: ClassVar[str] = "waybill.dispatch.offer_made.v1"

    expires_at: datetime
    merchant_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferDeclined(OfferEvent):
    """The driver declined the offer; the order needs another driver."""

    TYPE: ClassVar[str] = "waybill.dispatch.offer_declined.v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferExpired(OfferEvent):
    """The driver did not answer in time; the process that expired the offer searches on."""

    TYPE: ClassVar[str] = "waybill.dispatch.offer_expired.v1"
    PUBLISHED: ClassVar[bool] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferWithdrawn(OfferEvent):
    """The offer ended because its driver takes no orders any more; the order needs another driver."""

    TYPE: ClassVar[str] = "waybill.dispatch.offer_withdrawn.v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class DriverAssigned(OrderEvent):
    """A driver accepted the order."""

    TYPE: ClassVar[str] = "waybill.dispatch.driver_assigned.v1"

    driver_id: str
    customer_id: str
    merchant_id: str

    @property
    def actor_role(self) -> str:
        """The driver's, where they accepted."""
        return Role.DRIVER.value if self.actor == self.driver_id else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderUnassignable(MerchantEvent):
    """The search ended because there was no candidate and no answer for too long."""

    TYPE: ClassVar[str] = "waybill.dispatch.order_unassignable.v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchDirected(OrderEvent):
    """An event about what an operator did with the search for a driver."""

    @property
    def actor_role(self) -> str:
        """Return the role of an operator."""
        return Role.SUPPORT.value


@dataclass(frozen=True, slots=True, kw_only=True)
class DriverChosen(SearchDirected):
    """An operator has chosen the driver who is asked next; the offer is made."""

    TYPE: ClassVar[str] = "waybill.dispatch.driver_chosen.v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchRestarted(SearchDirected):
    """An operator has begun the search for a driver again."""

    TYPE: ClassVar[str] = "waybill.dispatch.search_restarted.v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class DriverEnded(MerchantEvent):
    """A driver no longer has the order, before its pickup: it needs another one. `reason` is a code."""

    driver_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DriverHandedBack(DriverEnded):
    """The driver handed the order back."""

    TYPE: ClassVar[str] = "waybill.dispatch.driver_handed_back.v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class DriverReplaced(DriverEnded):
    """The order was taken from its driver, by an operator or because their account was closed."""

    TYPE: ClassVar[str] = "waybill.dispatch.driver_replaced.v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderEscalated(MerchantEvent):
    """Operators have to look at the order; `reason` is a code, `driver_id` its driver if it has one."""

    TYPE: ClassVar[str] = "waybill.dispatch.order_escalated.v1"

    driver_id: str | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DriverSetOffline(Event):
    """The driver was set offline after too many offers in a row timed out."""

    TYPE: ClassVar[str] = "waybill.dispatch.driver_set_offline.v1"

    driver_id: str
    consecutive_timeouts: int

    @property
    def subject(self) -> str:
        """Return the driver's id."""
        return self.driver_id
