"""Bugs in recurrences and in scheduled orders."""

from tests.simulation.mutants.engine import Mutant
from tests.simulation.mutants.operations import argument, never, only, value, without

RECURRENCES = (
    Mutant("a skipped occurrence is placed", "skipped-placed", never()),
    Mutant("a recurrence does not advance when its occurrence is placed", "no-advance", only(1)),
    Mutant("an occurrence that cannot be placed is skipped without a reason", "no-skip-reason", only("1.1")),
    Mutant("an ended recurrence continues", "ended-continues", only(1)),
    Mutant("a skipped occurrence stays the next", "skipped-stays", only(1)),
    Mutant("another occurrence is skipped than was named", "other-skipped", never()),
    Mutant(
        "occurrences are placed long before they are due", "placed-early", argument("due_at.1.2", "3 * it")
    ),
    Mutant("a due occurrence is not found", "due-not-found", value("BatchResult()")),
    Mutant("an unpaid occurrence waits on", "unpaid-waits-on", value("until + timeouts.unpaid_occurrence")),
    Mutant("a scheduled order begins unpaid", "begins-unpaid", without(2)),
    Mutant("a scheduled order begins as soon as it is paid", "begins-at-once", value("order.placed_at")),
    Mutant("a scheduled order never begins", "never-begins", never()),
    Mutant("a late payment is found when the payment timeout ends", "late-payment-unseen", only(1)),
    Mutant(
        "a cancelled scheduled order keeps its goods",
        "keeps-goods",
        value("it and before is not Fulfilment.SCHEDULED"),
    ),
)
