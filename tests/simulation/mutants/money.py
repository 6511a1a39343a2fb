"""Bugs in payments and refunds."""

from tests.simulation.mutants.engine import Mutant

CHARGES, REFUNDS = "shared.payments.charges", "shared.payments.refunds"

MONEY = (
    Mutant(
        "webhook applied twice",
        f"{CHARGES}:capture",
        "    if payment.captured:\n",
        "    if False:\n",
    ),
    Mutant(
        "money after a failure is ignored",
        f"{CHARGES}:capture",
        "    if payment.captured:\n",
        "    if payment.captured or payment.state is State.FAILED:\n",
    ),
    Mutant(
        "a failure takes captured money back",
        f"{CHARGES}:fail",
        "if payment.state is not State.PENDING:",
        "if False:",
    ),
    Mutant(
        "a second charge replaces the first",
        f"{CHARGES}:capture",
        "    if books.order.payment.captured:\n",
        "    if False:\n",
    ),
    Mutant(
        "surplus is kept",
        "functions.payments_events.routes:surplus_captured",
        'await _refund(RefundPayment(event.payment_id, event.order_id, "paid_twice"))',
        "pass",
    ),
    Mutant(
        "late money of a cancelled order is kept",
        "functions.payments_events.routes:payment_captured",
        "if event.order_cancelled:",
        "if False:",
    ),
    Mutant(
        "no refund after a cancellation",
        "functions.payments_events.routes:order_cancelled",
        "if event.payment_id:",
        "if False:",
    ),
    Mutant(
        "refund without the captured bound",
        f"{REFUNDS}:owed_back",
        "payment.captured - payment.refunding - payment.refunded",
        "payment.amount.amount",
    ),
    Mutant(
        "a refund settled twice",
        f"{REFUNDS}:settle",
        "if refund.state is not RefundState.PENDING:",
        "if False:",
    ),
    Mutant(
        "a rejected refund is not tried again",
        f"{REFUNDS}:_rejected",
        "books.with_refund(closed).with_refund(again)",
        "books.with_refund(closed)",
    ),
    Mutant(
        "poller asks about nothing",
        "shared.payments.usecases.reconcile:reconcile",
        "for payment in await store.due_payments(now, LIMIT):",
        "for payment in ():",
    ),
    Mutant(
        "poller leaves refunds lying",
        "shared.payments.usecases.reconcile:reconcile",
        "for refund in await store.due_refunds(now, LIMIT):",
        "for refund in ():",
    ),
    Mutant(
        "a new link each time",
        "shared.payments.usecases.start_payment:_attempt",
        "number = books.payment.attempt + 1 if books.payment else 1",
        "number = now.microsecond + 2",
    ),
    Mutant(
        "a decline is not entered",
        "shared.payments.usecases.start_payment:_propose",
        "await store.change(attempt.order_id, attempt.id, lambda fresh: charges.decline(fresh, attempt))",
        "pass",
    ),
)
