"""The poller: what no webhook told is asked for, and what no event gave back is taken up.

So all webhooks may be lost, and the events that money should follow may lie in the dead letters.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.payments import charges, refunds
from shared.payments.domain import GatewayUnavailable, Payment, Refund
from shared.payments.payables import Payable
from shared.payments.ports import Cursor, Page, PaymentGateway, PaymentStore
from shared.payments.rounds import Lane, Tally, run
from shared.payments.usecases.check_payment import check_payment
from shared.payments.usecases.refund import RefundPayment, push_refund, take_up_refund

ASKED_AT_ONCE = 24
"""Payments; at 100 ms an answer, and as much for the books, a round comes to 4,800 of them."""
REFUNDED_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Round:
    """About how many payments and refunds the gateway was asked, how many refunds were opened that no
    event had brought, and how many things could not be seen to."""

    asked: int
    opened: int
    failed: int


async def reconcile(*, store: PaymentStore, gateway: PaymentGateway, now: datetime) -> Round:
    """Ask the gateway about every payment and refund that is due, and refund what else is owed back.

    Each is claimed first by moving its mark, so that two pollers do not do the same. A round has its
    limits (see `rounds`); the next one goes on with those still due. Raises `GatewayUnavailable` when
    the gateway answered nothing.
    """
    desk = _Desk(store, gateway, now)
    tallies = await run(
        Lane("payment_id", ASKED_AT_ONCE, desk.payments, desk.check),
        Lane("refund_id", REFUNDED_AT_ONCE, desk.refunds, desk.push),
        Lane("order_id", REFUNDED_AT_ONCE, desk.orders, desk.return_money_of),
        Lane("payment_id", REFUNDED_AT_ONCE, desk.surpluses, desk.return_surplus),
        Lane("order_id", REFUNDED_AT_ONCE, desk.owing, desk.return_part_of),
    )
    _require_answers(tallies)
    asked, opened = tallies[:2], tallies[2:]
    return Round(
        sum(tally.done + tally.failed for tally in asked),
        sum(tally.done for tally in opened),
        sum(tally.failed for tally in tallies),
    )


def _require_answers(tallies: list[Tally]) -> None:
    unanswered = sum(tally.unanswered for tally in tallies)
    if unanswered and not any(tally.done for tally in tallies):
        raise GatewayUnavailable


@dataclass(frozen=True, slots=True)
class _Desk:
    """The five lists, and what is done with each thing on them."""

    store: PaymentStore
    gateway: PaymentGateway
    now: datetime

    async def payments(self, limit: int, after: Cursor | None) -> Page[Payment]:
        return await self.store.due_payments(self.now, limit, after)

    async def refunds(self, limit: int, after: Cursor | None) -> Page[Refund]:
        return await self.store.due_refunds(self.now, limit, after)

    async def orders(self, limit: int, after: Cursor | None) -> Page[Payable]:
        return await self.store.unsettled_orders(self.now, limit, after)

    async def owing(self, limit: int, after: Cursor | None) -> Page[Payable]:
        return await self.store.owing_orders(self.now, limit, after)

    async def surpluses(self, limit: int, after: Cursor | None) -> Page[Payment]:
        return await self.store.unsettled_payments(self.now, limit, after)

    async def check(self, payment: Payment) -> bool:
        claimed = await self.store.change(
            payment.order_id, payment.id, lambda books: charges.claim(books, payment, self.now)
        )
        if claimed:
            await check_payment(payment, store=self.store, gateway=self.gateway, now=self.now)
        return claimed

    async def push(self, refund: Refund) -> bool:
        claimed = await self.store.change(
            refund.order_id,
            refund.payment_id,
            lambda books: refunds.claim(books, refund, self.now),
            refund_ids=[refund.id],
        )
        if claimed:
            await push_refund(refund, store=self.store, gateway=self.gateway, now=self.now)
        return claimed

    async def return_money_of(self, payable: Payable) -> bool:
        return await self._take_up(payable.payment.payment_id or "none", payable.id, "order_not_delivered")

    async def return_part_of(self, payable: Payable) -> bool:
        return await self._take_up(payable.payment.payment_id or "none", payable.id, "less_was_sent")

    async def return_surplus(self, payment: Payment) -> bool:
        return await self._take_up(payment.id, payment.order_id, "owed_by_no_order")

    async def _take_up(self, payment_id: str, order_id: str, reason: str) -> bool:
        command = RefundPayment(payment_id, order_id, reason)
        return await take_up_refund(command, store=self.store, gateway=self.gateway, now=self.now)
