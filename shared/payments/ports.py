"""What the payments context needs from outside."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

from shared.kernel.money import Money
from shared.kernel.once import Once
from shared.payments.books import Books, Decision
from shared.payments.domain import Charge, Payment, Refund, RefundReport
from shared.payments.payables import Payable

R = TypeVar("R")
T = TypeVar("T")
Cursor = tuple[Any, ...]
"""Where a list goes on; it means something to the store that gave it out alone."""


@dataclass(frozen=True, slots=True)
class IntentRequest:
    """What a payment link is asked for with; `payment_id` is the idempotency key."""

    payment_id: str
    order_id: str
    amount: Money
    contact: str
    email: str


@dataclass(frozen=True, slots=True)
class Intent:
    """A link that the customer's UPI app opens, and the gateway's names for what it pays."""

    gateway_order_id: str
    gateway_payment_id: str
    link: str


@dataclass(frozen=True, slots=True)
class ChargeNotice:
    """News of an attempt to pay."""

    payment_id: str
    order_id: str
    charge: Charge


@dataclass(frozen=True, slots=True)
class RefundNotice:
    """News of a refund."""

    refund_id: str
    payment_id: str
    order_id: str
    report: RefundReport


Notice = ChargeNotice | RefundNotice


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """A part of a list, in order; `following` is where the next part begins, None after the last."""

    items: Sequence[T]
    following: Cursor | None = None


class PaymentGateway(Protocol):
    """The payment provider.

    Every method raises `GatewayUnavailable` when it does not answer; then the request may or may not
    have had its effect, and asking again settles it. `GatewayRefused` is its no: nothing happened.
    """

    async def create_intent(self, request: IntentRequest) -> Intent:
        """Return the link of a payment; the same for the same request.

        Raises `PaymentDeclined`, and perhaps again for the same `payment_id`.
        """
        ...

    async def fetch(self, payment: Payment) -> Charge:
        """Return how the attempt stands now."""
        ...

    async def refund(self, refund: Refund) -> RefundReport:
        """Give `refund.amount` back, once for each `refund.id`."""
        ...

    async def fetch_refund(self, refund: Refund) -> RefundReport:
        """Return how a refund stands now that has a `gateway_refund_id`."""
        ...


class NoticeReader(Protocol):
    """Reads the provider's webhooks."""

    def read(self, raw: bytes, signature: str) -> Notice | None:
        """Return the news, or None when it is none for us.

        Raises `BadSignature` unless the provider signed exactly these bytes, `Malformed` when it did
        but they say nothing sensible.
        """
        ...


class PaymentStore(Protocol):
    """The books. A change is atomic over everything it touches; `decide` may run several times."""

    async def current(self, order_id: str, once: Once | None = None) -> Books:
        """Return the order and its latest attempt.

        Raises `OrderNotFound`, and what `Once.check` raises when the request was answered before.
        """
        ...

    async def find(self, payment_id: str) -> Payment | None:
        """Return one payment."""
        ...

    async def change(
        self,
        order_id: str,
        payment_id: str,
        decide: Callable[[Books], Decision[R]],
        *,
        refund_ids: Sequence[str] = (),
        once: Once | None = None,
    ) -> R:
        """Read the order, the payment and the refunds, and store what `decide` makes of them, and a stray.

        Raises `OrderNotFound`, and whatever `decide` raises, with nothing stored.
        """
        ...

    async def due_payments(self, now: datetime, limit: int, after: Cursor | None = None) -> Page[Payment]:
        """Return payments whose `due_at` has come, longest overdue first."""
        ...

    async def due_refunds(self, now: datetime, limit: int, after: Cursor | None = None) -> Page[Refund]:
        """Return refunds whose `due_at` has come, longest overdue first."""
        ...

    async def unsettled_orders(self, now: datetime, limit: int, after: Cursor | None = None) -> Page[Payable]:
        """Return orders that ended undelivered and whose `settle_at` has come, oldest first."""
        ...

    async def owing_orders(self, now: datetime, limit: int, after: Cursor | None = None) -> Page[Payable]:
        """Return orders whose `refund_at` has come, oldest first."""
        ...

    async def unsettled_payments(
        self, now: datetime, limit: int, after: Cursor | None = None
    ) -> Page[Payment]:
        """Return payments that pay no order and whose `settle_at` has come, oldest first."""
        ...
