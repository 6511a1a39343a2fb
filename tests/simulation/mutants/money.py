"""Bugs in payments and refunds."""

from tests.simulation.mutants.engine import Mutant
from tests.simulation.mutants.operations import always, argument, drop, never, only, value, without

MONEY = (
    Mutant("a webhook is recorded twice", "webhook-twice", never()),
    Mutant(
        "money after a failure is ignored",
        "late-money-ignored",
        argument("2.2", "payment.state is not State.PENDING"),
    ),
    Mutant("a failure overwrites a capture", "failure-overwrites", never()),
    Mutant("a second charge replaces the first", "second-charge-replaces", never()),
    Mutant("a charge of another amount pays the order", "other-amount-pays", without(2)),
    Mutant("an unmatched payment is not recorded", "unmatched-not-recorded", only("1.1")),
    Mutant("an attempt with an unmatched charge stays pending", "unmatched-stays-pending", always()),
    Mutant("a duplicate payment is retained", "duplicate-retained", value("payment.captured")),
    Mutant("the payment of a cancelled order is retained", "cancelled-retained", never()),
    Mutant("the cancellation fee is refunded too", "fee-refunded", value("0")),
    Mutant(
        "refund without the captured bound",
        "refund-unbounded",
        argument(2, "payment.amount.amount - retained"),
    ),
    Mutant("a refund report recorded twice", "report-twice", never()),
    Mutant("a rejected refund is not tried again", "rejected-not-retried", only("1.0")),
    Mutant("the reconciler checks no payment", "no-payment-checked", never()),
    Mutant("the reconciler sends no refund", "no-refund-sent", never()),
    Mutant("a new link each time", "new-link", value("it + int(now.timestamp() * 1_000_000)")),
    Mutant("a decline is not recorded", "decline-not-recorded", drop()),
    Mutant(
        "a tip is charged twice", "tip-charged-twice", value("it and subject.ref.kind is not ChargeKind.TIP")
    ),
    Mutant(
        "a duplicate payment of a tip is retained",
        "duplicate-tip-retained",
        value("payment.captured if subject.ref.kind.value == 'tip' else it"),
    ),
    Mutant("a tip is given before anything is delivered", "tip-early", without(1)),
    Mutant("a difference is refunded twice", "difference-twice", without("2.4")),
    Mutant("a difference is retained", "difference-retained", only("2.1")),
    Mutant("a second difference gets the id of the first", "difference-id", value("0")),
    Mutant("a replacement is charged its own price", "replacement-price", only("total.1")),
    Mutant("a substitution is answered twice", "substitution-twice", never()),
    Mutant("a replacement is out of stock", "replacement-stock", never()),
    Mutant("what was replaced stays reserved", "replaced-reserved", argument("3.if", "it < 0")),
)
