"""Bugs in payments and refunds."""

from tests.simulation.mutants.engine import Mutant

CHARGES, REFUNDS = "shared.payments.charges", "shared.payments.refunds"
RECONCILER = "shared.payments.usecases.reconcile:_Reconciler"

MONEY = (
    Mutant(
        "a webhook is recorded twice",
        f"{CHARGES}:capture",
        "if charge.gateway_payment_id in payment.unmatched_charge_ids or (own and payment.captured):",
        "if False:",
    ),
    Mutant(
        "money after a failure is ignored",
        f"{CHARGES}:capture",
        "(own and payment.captured)",
        "(own and payment.state is not State.PENDING)",
    ),
    Mutant(
        "a failure overwrites a capture",
        f"{CHARGES}:fail",
        "if not PAYMENT.allows(payment.state, Cause.FAILED):",
        "if False:",
    ),
    Mutant(
        "a second charge replaces the first",
        f"{CHARGES}:capture",
        "    if aggregate.subject.payment.captured:\n",
        "    if False:\n",
    ),
    Mutant(
        "a charge of another amount pays the order",
        f"{CHARGES}:capture",
        "if not own or charge.amount != payment.amount:",
        "if not own:",
    ),
    Mutant(
        "an unmatched payment is not recorded",
        "shared.payments.unmatched:record",
        "return Decision(replace(aggregate, unmatched=unmatched), (event,), None)",
        "return Decision(aggregate, (event,), None)",
    ),
    Mutant(
        "an attempt with an unmatched charge stays pending",
        f"{CHARGES}:_record_unmatched",
        "if charge.gateway_payment_id != require_payment(aggregate).gateway_payment_id:",
        "if True:",
    ),
    Mutant(
        "a duplicate payment is retained",
        f"{REFUNDS}:_retained",
        "        return 0\n",
        "        return payment.captured\n",
    ),
    Mutant(
        "the payment of a cancelled order is retained",
        f"{REFUNDS}:_retained",
        "if subject.fulfilment in UNDELIVERED",
        "if False",
    ),
    Mutant(
        "the cancellation fee is refunded too",
        f"{REFUNDS}:_retained",
        "max(0, subject.cancellation_fee)",
        "0",
    ),
    Mutant(
        "refund without the captured bound",
        f"{REFUNDS}:amount_to_refund",
        "payment.captured - retained - payment.refunding - payment.refunded",
        "payment.amount.amount - retained",
    ),
    Mutant(
        "a refund report recorded twice",
        f"{REFUNDS}:record_report",
        "if REFUND.is_final(refund.state):",
        "if False:",
    ),
    Mutant(
        "a rejected refund is not tried again",
        f"{REFUNDS}:_rejected",
        "aggregate.with_refund(closed).with_refund(retry)",
        "aggregate.with_refund(closed)",
    ),
    Mutant(
        "the reconciler checks no payment",
        f"{RECONCILER}.check",
        "if leased:",
        "if False:",
    ),
    Mutant(
        "the reconciler sends no refund",
        f"{RECONCILER}.send",
        "if leased:",
        "if False:",
    ),
    Mutant(
        "a new link each time",
        "shared.payments.usecases.start_payment:_attempt",
        "number = aggregate.payment.attempt + 1 if aggregate.payment else 1",
        "number = now.microsecond + 2",
    ),
    Mutant(
        "a decline is not recorded",
        "shared.payments.usecases.start_payment:_propose",
        "await store.change(attempt.subject_ref, attempt.id, lambda fresh: charges.decline(fresh, attempt))",
        "pass",
    ),
    Mutant(
        "a tip is charged twice",
        f"{CHARGES}:require_chargeable",
        "if subject.payment.captured:",
        "if subject.payment.captured and subject.ref.kind is not ChargeKind.TIP:",
    ),
    Mutant(
        "a duplicate payment of a tip is retained",
        f"{REFUNDS}:_retained",
        "        return 0\n",
        "        return payment.captured if subject.ref.kind.value == 'tip' else 0\n",
    ),
    Mutant(
        "a tip is given before anything is delivered",
        "shared.orders.tips.domain:create_tip",
        "if order.fulfilment is not Fulfilment.DELIVERED or driver is None:",
        "if driver is None:",
    ),
    Mutant(
        "a difference is refunded twice",
        f"{REFUNDS}:amount_to_refund",
        "payment.captured - retained - payment.refunding - payment.refunded",
        "payment.captured - retained - (payment.refunding or payment.refunded and 0)",
    ),
    Mutant(
        "a difference is retained",
        f"{REFUNDS}:_retained",
        "return max(0, payment.captured - max(0, subject.refund_due))",
        "return payment.captured",
    ),
    Mutant(
        "a second difference gets the id of the first",
        f"{REFUNDS}:_refund",
        "base = payment.refunding + payment.refunded",
        "base = 0",
    ),
    Mutant(
        "a replacement is charged its own price",
        "shared.orders.substitutions.domain:propose",
        "total=min(proposal.replacement.total, line.total)",
        "total=proposal.replacement.total",
    ),
    Mutant(
        "a substitution is answered twice",
        "shared.orders.substitutions.domain:_answerable",
        "if not is_open(substitution):",
        "if False:",
    ),
    Mutant(
        "a replacement is out of stock",
        "shared.orders.substitutions.domain:_check_stock",
        "if replacement.stocked and available < replacement.quantity:",
        "if False:",
    ),
    Mutant(
        "what was replaced stays reserved",
        "shared.adapters.firestore.reservations:release_writes",
        "for item, count in back.items() if count}",
        "for item, count in back.items() if count < 0}",
    ),
)
