"""`PaymentGateway` in memory, with customers, banks and faults. It passes the contract suite."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TypeVar

from shared.kernel.money import Money
from shared.payments.domain import (
    Charge,
    ChargeState,
    GatewayRefused,
    GatewayUnavailable,
    Payment,
    PaymentDeclined,
    Refund,
    RefundReport,
    RefundState,
)
from shared.payments.ports import ChargeWebhook, Intent, IntentRequest, RefundWebhook, WebhookEvent

R = TypeVar("R")


@dataclass(slots=True)
class Bill:
    """One attempt at the gateway."""

    request: IntentRequest
    intent: Intent
    charge: Charge
    refunded: int = 0


@dataclass(slots=True)
class FakeGateway:
    """See `PaymentGateway`. `down` and `lost` name the next calls that fail before or after their effect."""

    bills: dict[str, Bill] = field(default_factory=dict)
    """By the gateway's payment id."""
    refunds: dict[str, tuple[Refund, RefundReport]] = field(default_factory=dict)
    """By the gateway's refund id."""
    webhooks: list[WebhookEvent] = field(default_factory=list)
    """All webhook events, oldest first."""
    down: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    declines: int = 0
    next_refund: RefundState = RefundState.PROCESSED
    calls: list[str] = field(default_factory=list)
    _declined: set[str] = field(default_factory=set)
    _first_answers: dict[str, RefundReport] = field(default_factory=dict)

    async def create_intent(self, request: IntentRequest) -> Intent:
        return self._answered("create_intent", lambda: self._create(request))

    async def fetch(self, payment: Payment) -> Charge:
        return self._answered("fetch", lambda: self.bills[payment.gateway_payment_id].charge)

    async def refund(self, refund: Refund) -> RefundReport:
        return self._answered("refund", lambda: self._refund(refund))

    async def fetch_refund(self, refund: Refund) -> RefundReport:
        return self._answered("fetch_refund", lambda: self.refunds[str(refund.gateway_refund_id)][1])

    def pay(self, link: str, amount: Money | None = None) -> None:
        """Capture the charge of a link; `amount` replaces the requested amount."""
        bill = self._bill(link)
        if amount is not None and bill.charge.state is not ChargeState.CAPTURED:
            bill.charge = replace(bill.charge, amount=amount)
        self._move(bill, ChargeState.AUTHORISED)
        self._move(bill, ChargeState.CAPTURED)

    def charge_again(self, link: str, amount: Money | None = None) -> None:
        """Capture a second charge of a link, with another id."""
        first = self._bill(link)
        charge = Charge(f"pay_{len(self.bills) + 1:014}", ChargeState.CREATED, amount or first.request.amount)
        self.bills[charge.gateway_payment_id] = Bill(first.request, first.intent, charge)
        self._move(self.bills[charge.gateway_payment_id], ChargeState.CAPTURED)

    def authorise(self, link: str) -> None:
        """Authorise the charge of a link without capture."""
        self._move(self._bill(link), ChargeState.AUTHORISED)

    def decline(self, link: str) -> None:
        """Fail the charge of a link, as a customer who declines does."""
        self._move(self._bill(link), ChargeState.FAILED, "payment_cancelled")

    def finish_refund(self, gateway_refund_id: str, state: RefundState) -> None:
        """End a pending refund."""
        refund, report = self.refunds[gateway_refund_id]
        report = replace(report, state=state)
        self.refunds[gateway_refund_id] = (refund, report)
        if state is RefundState.FAILED:
            self.bills[refund.gateway_payment_id].refunded -= refund.amount.amount
        self.webhooks.append(RefundWebhook(refund.id, refund.payment_id, refund.subject_ref, report))

    def captured(self) -> int:
        """Return the sum of all captured charges."""
        bills = self.bills.values()
        return sum(b.charge.amount.amount for b in bills if b.charge.state is ChargeState.CAPTURED)

    def refunded_total(self) -> int:
        """Return the sum of all refunds, pending ones included."""
        return sum(bill.refunded for bill in self.bills.values())

    def _answered(self, call: str, effect: Callable[[], R]) -> R:
        self.calls.append(call)
        if call in self.down:
            self.down.remove(call)
            raise GatewayUnavailable
        answer = effect()
        if call in self.lost:
            self.lost.remove(call)
            raise GatewayUnavailable
        return answer

    def _create(self, request: IntentRequest) -> Intent:
        made = [bill for bill in self.bills.values() if bill.request == request]
        if made:
            return made[0].intent
        if self.declines:
            self.declines -= 1
            self._declined.add(request.payment_id)
        if request.payment_id in self._declined:
            raise PaymentDeclined
        number = len(self.bills) + 1
        intent = Intent(f"order_{number:014}", f"pay_{number:014}", f"upi://pay?tr=pay_{number:014}")
        charge = Charge(intent.gateway_payment_id, ChargeState.CREATED, request.amount)
        self.bills[intent.gateway_payment_id] = Bill(request, intent, charge)
        return intent

    def _refund(self, refund: Refund) -> RefundReport:
        if refund.id in self._first_answers:
            return self._first_answers[refund.id]
        bill = self.bills[refund.gateway_payment_id]
        left = bill.charge.amount.amount - bill.refunded
        if bill.charge.state is not ChargeState.CAPTURED or refund.amount.amount > left:
            raise GatewayRefused
        bill.refunded += refund.amount.amount
        report = RefundReport(f"rfnd_{len(self.refunds) + 1:014}", RefundState.PENDING, refund.amount)
        self.refunds[report.gateway_refund_id] = (refund, report)
        if self.next_refund is not RefundState.PENDING:
            self.finish_refund(report.gateway_refund_id, self.next_refund)
            self.next_refund = RefundState.PROCESSED
        self._first_answers[refund.id] = self.refunds[report.gateway_refund_id][1]
        return self._first_answers[refund.id]

    def _bill(self, link: str) -> Bill:
        return next(bill for bill in self.bills.values() if bill.intent.link == link)

    def _move(self, bill: Bill, state: ChargeState, failure: str = "unknown") -> None:
        if bill.charge.state is ChargeState.CAPTURED:
            return  # a captured charge changes by a refund only
        bill.charge = replace(bill.charge, state=state, failure=failure)
        self.webhooks.append(ChargeWebhook(bill.request.payment_id, bill.request.subject_ref, bill.charge))
