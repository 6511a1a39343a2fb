"""Bugs in payments and refunds."""

from tests.simulation.mutants.engine import Mutant

CHARGES, REFUNDS = "shared.payments.charges", "shared.payments.refunds"
DESK = "shared.payments.usecases.reconcile:_Desk"

MONEY = (
    Mutant(
        "webhook applied twice",
        f"{CHARGES}:capture",
        "if charge.gateway_payment_id in payment.strays or (own and payment.captured):",
        "if False:",
    ),
    Mutant(
        "money after a failure is ignored",
        f"{CHARGES}:capture",
        "(own and payment.captured)",
        "(own and payment.state is not State.PENDING)",
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
        "    if books.payable.payment.captured:\n",
        "    if False:\n",
    ),
    Mutant(
        "other money than was asked for pays the order",
        f"{CHARGES}:capture",
        "if not own or charge.amount != payment.amount:",
        "if not own:",
    ),
    Mutant(
        "stray money is kept",
        "shared.payments.strays:enter",
        "return Decision(replace(books, stray=stray), (_announced(",
        "return Decision(books, (_announced(",
    ),
    Mutant(
        "an attempt waits on for money that came astray",
        f"{CHARGES}:_misled",
        "if charge.gateway_payment_id != known(books).gateway_payment_id:",
        "if True:",
    ),
    Mutant(
        "surplus is kept",
        f"{REFUNDS}:_kept",
        "        return 0\n",
        "        return payment.captured\n",
    ),
    Mutant(
        "the money of a cancelled order is kept",
        f"{REFUNDS}:_kept",
        "if payable.fulfilment in UNDELIVERED",
        "if False",
    ),
    Mutant(
        "the cancellation fee goes back too",
        f"{REFUNDS}:_kept",
        "max(0, payable.cancellation_fee)",
        "0",
    ),
    Mutant(
        "refund without the captured bound",
        f"{REFUNDS}:owed_back",
        "payment.captured - keeps - payment.refunding - payment.refunded",
        "payment.amount.amount - keeps",
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
        f"{DESK}.payments",
        "return await self.store.due_payments(self.now, limit, after)",
        "return Page(())",
    ),
    Mutant(
        "poller leaves refunds lying",
        f"{DESK}.refunds",
        "return await self.store.due_refunds(self.now, limit, after)",
        "return Page(())",
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
    Mutant(
        "a tip is charged twice",
        f"{CHARGES}:require_payable",
        "if payable.payment.captured:",
        "if payable.payment.captured and not payable.tip:",
    ),
    Mutant(
        "a second charge for a tip is kept",
        f"{REFUNDS}:_kept",
        "        return 0\n",
        "        return payment.captured if payable.tip else 0\n",
    ),
    Mutant(
        "a tip is given before anything is delivered",
        "shared.orders.tips.domain:tip",
        "if order.fulfilment is not Fulfilment.DELIVERED or driver is None:",
        "if driver is None:",
    ),
    Mutant(
        "a difference goes back twice",
        f"{REFUNDS}:owed_back",
        "payment.captured - keeps - payment.refunding - payment.refunded",
        "payment.captured - keeps - (payment.refunding or payment.refunded and 0)",
    ),
    Mutant(
        "a difference is kept",
        f"{REFUNDS}:_kept",
        "return max(0, payment.captured - max(0, payable.owed_back))",
        "return payment.captured",
    ),
    Mutant(
        "a second difference is taken for the first",
        f"{REFUNDS}:_refund",
        "base = payment.refunding + payment.refunded",
        "base = 0",
    ),
    Mutant(
        "a substitute is charged what it costs",
        "shared.orders.substitutions.domain:propose",
        "total=min(offer.instead.total, line.total)",
        "total=offer.instead.total",
    ),
    Mutant(
        "a substitution is answered twice",
        "shared.orders.substitutions.domain:_answerable",
        "if not is_open(one):",
        "if False:",
    ),
    Mutant(
        "a substitute comes from an empty shelf",
        "shared.orders.substitutions.domain:_check_stock",
        "if one.instead.stocked and there < one.instead.quantity:",
        "if False:",
    ),
    Mutant(
        "what was replaced stays reserved",
        "shared.adapters.firestore.reservations:release_writes",
        "for item, count in back.items() if count}",
        "for item, count in back.items() if count < 0}",
    ),
)
