"""The state of the gateway: the transitions of orders, payments and refunds. Synchronous, no clock."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar

from emulators.providers.upi import refusals
from emulators.providers.upi.errors import unknown_id
from emulators.providers.upi.links import BadLink, intent_link, reference_of, same_order
from emulators.providers.upi.models import (
    Failure,
    GatewayEvent,
    Order,
    OrderStatus,
    Payment,
    PaymentStatus,
    Refund,
    RefundStatus,
    new_id,
    new_rrn,
)
from emulators.providers.upi.requests import CreateOrder, CreatePayment, CreateRefund

EXPIRED = Failure("Payment was not completed on time.", "payment_timed_out")
DECLINED_BY_CUSTOMER = Failure("Payment was declined by the customer.", "payment_cancelled")
DECLINED_BY_BANK = Failure("Payment was declined by the customer's bank.", "payment_declined", "bank")

_PAYER_ADDRESS = "customer@localupi"

EntityT = TypeVar("EntityT")


class GatewayRecords:
    """All orders, payments and refunds. A transition returns the new entity and its events."""

    def __init__(self) -> None:
        self.orders: dict[str, Order] = {}
        self.payments: dict[str, Payment] = {}
        self.refunds: dict[str, Refund] = {}
        self._payments_of: dict[str, list[str]] = {}
        self._refunds_of: dict[str, list[str]] = {}

    def order(self, order_id: str) -> Order:
        """Return the order. Raises GatewayError for an unknown id."""
        return _find(self.orders, order_id)

    def payment(self, payment_id: str) -> Payment:
        """Return the payment. Raises GatewayError for an unknown id."""
        return _find(self.payments, payment_id)

    def refund(self, refund_id: str) -> Refund:
        """Return the refund. Raises GatewayError for an unknown id."""
        return _find(self.refunds, refund_id)

    def payments_of(self, order_id: str) -> list[Payment]:
        """Return every attempt to pay an order, oldest first."""
        return [self.payments[id_] for id_ in self._payments_of[self.order(order_id).id]]

    def refunds_of(self, payment_id: str) -> list[Refund]:
        """Return every refund of a payment, oldest first."""
        return [self.refunds[id_] for id_ in self._refunds_of[self.payment(payment_id).id]]

    def payment_by_link(self, link: str) -> Payment:
        """Return the payment of a customer's link. Raises GatewayError for an unknown link."""
        try:
            payment = self.payments.get(reference_of(link))
        except BadLink as error:
            raise refusals.bad_link(str(error)) from error
        if payment is None:
            raise refusals.unknown_link()
        if not same_order(link, payment.link):
            raise refusals.altered_link()
        return payment

    def create_order(self, body: CreateOrder, now: float) -> Order:
        """Create an order."""
        order = Order(new_id("order"), body.amount, body.currency, body.receipt, body.notes, int(now))
        self.orders[order.id] = order
        self._payments_of[order.id] = []
        return order

    def create_payment(self, body: CreatePayment, now: float, intent_seconds: float) -> Payment:
        """Create an attempt to pay an order in full, valid for `intent_seconds`."""
        order = self.order(body.order_id)
        if order.status is OrderStatus.PAID:
            raise refusals.order_paid(400)
        if body.amount != order.amount:
            raise refusals.other_amount()
        payment = _new_payment(body, now, intent_seconds)
        self.payments[payment.id] = payment
        self._payments_of[order.id].append(payment.id)
        self._refunds_of[payment.id] = []
        self.orders[order.id] = replace(order, status=OrderStatus.ATTEMPTED, attempts=order.attempts + 1)
        return payment

    def pay(self, payment: Payment, now: float) -> tuple[Payment, list[GatewayEvent]]:
        """Authorise a payment that the customer approved, and capture it at once."""
        self.require_payable(payment, now)
        authorized = replace(payment, status=PaymentStatus.AUTHORIZED, rrn=new_rrn(), vpa=_PAYER_ADDRESS)
        captured = replace(authorized, status=PaymentStatus.CAPTURED)
        self.payments[payment.id] = captured
        order = self.orders[payment.order_id]
        self.orders[order.id] = replace(order, status=OrderStatus.PAID, amount_paid=order.amount)
        return captured, [
            GatewayEvent("payment.authorized", authorized),
            GatewayEvent("payment.captured", captured),
        ]

    def fail(self, payment: Payment, failure: Failure) -> tuple[Payment, list[GatewayEvent]]:
        """Fail an attempt; another one can still pay the order."""
        failed = replace(payment, status=PaymentStatus.FAILED, failure=failure)
        self.payments[payment.id] = failed
        return failed, [GatewayEvent("payment.failed", failed)]

    def require_payable(self, payment: Payment, now: float) -> None:
        """Raise GatewayError unless the customer may still answer this intent."""
        if payment.failure == EXPIRED or now >= payment.expires_at:
            raise refusals.link_expired()
        if payment.status is PaymentStatus.FAILED:
            raise refusals.already_failed()
        if payment.status is not PaymentStatus.CREATED:
            raise refusals.already_paid()
        if self.orders[payment.order_id].status is OrderStatus.PAID:
            raise refusals.order_paid(409)

    def create_refund(
        self, payment_id: str, body: CreateRefund, now: float, outcome: RefundStatus
    ) -> tuple[Refund, list[GatewayEvent]]:
        """Create a refund of at most the captured amount. `outcome` is the result at the bank."""
        payment = self.payment(payment_id)
        amount = _refundable(payment, body.amount)
        refund = Refund(
            id=new_id("rfnd"),
            payment_id=payment.id,
            amount=amount,
            currency=payment.currency,
            receipt=body.receipt,
            notes=body.notes,
            speed=body.speed,
            status=RefundStatus.PENDING,
            created_at=int(now),
        )
        self.refunds[refund.id] = refund
        self._refunds_of[payment.id].append(refund.id)
        self._add_refunded(payment, amount)
        return (refund, []) if outcome is RefundStatus.PENDING else self.settle(refund, outcome)

    def settle(self, refund: Refund, outcome: RefundStatus) -> tuple[Refund, list[GatewayEvent]]:
        """Finish a pending refund; a failed one can be requested again."""
        if refund.status is not RefundStatus.PENDING:
            raise refusals.refund_settled()
        finished = replace(refund, status=outcome)
        self.refunds[refund.id] = finished
        if outcome is RefundStatus.FAILED:
            self._add_refunded(self.payments[refund.payment_id], -refund.amount)
        event = GatewayEvent(f"refund.{outcome}", self.payments[refund.payment_id], finished)
        return finished, [event]

    def _add_refunded(self, payment: Payment, amount: int) -> None:
        refunded = payment.amount_refunded + amount
        status = PaymentStatus.REFUNDED if refunded == payment.amount else PaymentStatus.CAPTURED
        self.payments[payment.id] = replace(payment, amount_refunded=refunded, status=status)


def _find(entities: Mapping[str, EntityT], id_: str) -> EntityT:
    if id_ not in entities:
        raise unknown_id()
    return entities[id_]


def _new_payment(body: CreatePayment, now: float, intent_seconds: float) -> Payment:
    id_ = new_id("pay")
    return Payment(
        id=id_,
        order_id=body.order_id,
        amount=body.amount,
        currency=body.currency,
        contact=body.contact,
        email=body.email,
        notes=body.notes,
        description=body.description,
        link=intent_link(id_, body.amount, body.description or "Payment"),
        created_at=int(now),
        expires_at=now + intent_seconds,
    )


def _refundable(payment: Payment, body: int | None) -> int:
    if payment.status is PaymentStatus.REFUNDED:
        raise refusals.fully_refunded()
    if payment.status is not PaymentStatus.CAPTURED:
        raise refusals.not_captured()
    left = payment.amount - payment.amount_refunded
    if body is not None and body > left:
        raise refusals.refund_too_large()
    return left if body is None else body
