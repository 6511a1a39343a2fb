"""The ports of the payments context."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar

from shared.kernel.batch import Cursor, Page
from shared.kernel.decision import Decision
from shared.kernel.idempotency import IdempotentRequest
from shared.kernel.money import Money
from shared.kernel.subject import SubjectRef
from shared.payments.aggregate import PaymentAggregate
from shared.payments.domain import Charge, Method, Payment, Refund, RefundReport
from shared.payments.subjects import ChargeSubject

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class IntentRequest:
    """A request for a payment link; `payment_id` is the idempotency key."""

    payment_id: str
    subject_ref: SubjectRef
    amount: Money
    contact: str
    email: str
    method: Method = Method.UPI_INTENT


@dataclass(frozen=True, slots=True)
class Intent:
    """A link that the customer's UPI app opens, and the gateway's ids of its order and payment."""

    gateway_order_id: str
    gateway_payment_id: str
    link: str


@dataclass(frozen=True, slots=True)
class ChargeWebhook:
    """A webhook event about an attempt to pay."""

    payment_id: str
    subject_ref: SubjectRef
    charge: Charge


@dataclass(frozen=True, slots=True)
class RefundWebhook:
    """A webhook event about a refund."""

    refund_id: str
    payment_id: str
    subject_ref: SubjectRef
    report: RefundReport


WebhookEvent = ChargeWebhook | RefundWebhook


class PaymentGateway(Protocol):
    """The payment provider.

    Every method raises `GatewayUnavailable` when the provider does not answer. The request may or may
    not have had its effect then; repeat it to find out. `GatewayRefused` means that nothing happened.
    """

    async def create_intent(self, request: IntentRequest) -> Intent:
        """Return the link of a payment; the same for the same request.

        Raises `PaymentDeclined`; the provider may decline the same `payment_id` again.
        """
        ...

    async def fetch(self, payment: Payment) -> Charge:
        """Return the current state of the attempt."""
        ...

    async def refund(self, refund: Refund) -> RefundReport:
        """Refund `refund.amount`, once for each `refund.id`."""
        ...

    async def fetch_refund(self, refund: Refund) -> RefundReport:
        """Return the current state of a refund that has a `gateway_refund_id`."""
        ...


class WebhookReader(Protocol):
    """A reader of the webhooks of one provider."""

    def read(self, raw: bytes, headers: Mapping[str, str]) -> WebhookEvent | None:
        """Return the webhook event, or None when it concerns no payment or refund of ours.

        `headers` are those of the request, by their names in small letters; one holds the signature. Raises
        `BadSignature` unless the provider signed exactly these bytes, and `Malformed` when a signed body
        cannot be read.
        """
        ...


class PaymentStore(Protocol):
    """The store of payments and refunds. A change is atomic; `decide` may run several times."""

    async def load(
        self, subject_ref: SubjectRef, idempotency: IdempotentRequest | None = None
    ) -> PaymentAggregate:
        """Return the subject and its latest attempt.

        Raises `OrderNotFound` or `TipNotFound`, and what `IdempotentRequest.check` raises for a repeated
        request. That is not asked for a subject without an attempt: `change` refuses the request then.
        """
        ...

    async def find(self, payment_id: str) -> Payment | None:
        """Return one payment."""
        ...

    async def change(
        self,
        subject_ref: SubjectRef,
        payment_id: str,
        decide: Callable[[PaymentAggregate], Decision[PaymentAggregate, R]],
        *,
        refund_ids: Sequence[str] = (),
        idempotency: IdempotentRequest | None = None,
        loaded: PaymentAggregate | None = None,
    ) -> R:
        """Read the subject, the payment and the refunds, and store the aggregate that `decide` returns.

        What was `loaded` a moment ago is not read again before a new payment of the subject is stored.
        Raises `OrderNotFound` or `TipNotFound`, and the errors of `decide`, with nothing stored.
        """
        ...

    async def due_payments(self, now: datetime, limit: int, after: Cursor | None = None) -> Page[Payment]:
        """Return payments whose `due_at` has passed, earliest first."""
        ...

    async def due_refunds(self, now: datetime, limit: int, after: Cursor | None = None) -> Page[Refund]:
        """Return refunds whose `due_at` has passed, earliest first."""
        ...

    async def orders_to_reconcile(
        self, now: datetime, limit: int, after: Cursor | None = None
    ) -> Page[ChargeSubject]:
        """Return orders that ended undelivered and whose `reconcile_after` has passed, earliest first."""
        ...

    async def orders_with_refund_due(
        self, now: datetime, limit: int, after: Cursor | None = None
    ) -> Page[ChargeSubject]:
        """Return orders whose `refund_at` has passed, earliest first."""
        ...

    async def payments_to_reconcile(
        self, now: datetime, limit: int, after: Cursor | None = None
    ) -> Page[Payment]:
        """Return payments that pay nothing and whose `reconcile_after` has passed, earliest first."""
        ...
