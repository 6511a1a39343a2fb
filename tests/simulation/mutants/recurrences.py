"""Bugs in recurrences and in scheduled orders."""

from tests.simulation.mutants.engine import Mutant

DOMAIN, TIMEOUTS = "shared.orders.recurrences.domain", "shared.orders.timeouts"

RECURRENCES = (
    Mutant(
        "a skipped occurrence is placed",
        f"{DOMAIN}:check_pending",
        "recurrence is None or recurrence.next_at != occurrence",
        "recurrence is None",
    ),
    Mutant(
        "a recurrence does not advance when its occurrence is placed",
        "shared.orders.recurrences.usecases.place_occurrence:place_occurrence",
        "after = record_placed(recurrence, command.occurrence, rules)",
        "after = recurrence",
    ),
    Mutant(
        "an occurrence that cannot be placed is skipped without a reason",
        f"{DOMAIN}:record_failure",
        "replace(recurrence, skipped=code, skipped_at=occurrence)",
        "recurrence",
    ),
    Mutant(
        "an ended recurrence continues",
        f"{DOMAIN}:end",
        "replace(recurrence, next_at=None, due_at=None)",
        "recurrence",
    ),
    Mutant(
        "a skipped occurrence stays the next",
        f"{DOMAIN}:skip",
        "return _advance(recurrence, recurrence.next_at, rules)",
        "return recurrence",
    ),
    Mutant(
        "another occurrence is skipped than was named",
        f"{DOMAIN}:skip",
        "if occurrence is not None:",
        "if False:",
    ),
    Mutant(
        "occurrences are placed long before they are due",
        f"{DOMAIN}:_advance",
        "occurrence - rules.placed_ahead",
        "occurrence - 3 * rules.placed_ahead",
    ),
    Mutant(
        "a due occurrence is not found",
        "shared.orders.recurrences.usecases.place_occurrences:place_occurrences",
        "return await run_queue(queue, clock=clock, limits=limits)",
        "return BatchResult()",
    ),
    Mutant(
        "an unpaid occurrence waits on",
        f"{TIMEOUTS}:_payable_until",
        "return max(until, min(order.placed_at + timeouts.unpaid_occurrence, activates_at(order)))",
        "return until + timeouts.unpaid_occurrence",
    ),
    Mutant(
        "a scheduled order begins unpaid",
        f"{TIMEOUTS}:is_activation_due",
        "order.fulfilment is Fulfilment.SCHEDULED and order.payment.state in PAID",
        "order.fulfilment is Fulfilment.SCHEDULED",
    ),
    Mutant(
        "a scheduled order begins as soon as it is paid",
        "shared.orders.scheduling:activates_at",
        "return order.activates_at or order.placed_at",
        "return order.placed_at",
    ),
    Mutant(
        "a scheduled order never begins",
        "shared.orders.usecases.sweep_orders:_end",
        "if is_activation_due(order, now):",
        "if False:",
    ),
    Mutant(
        "a late payment is found when the payment timeout ends",
        f"{TIMEOUTS}:next_check_at",
        "return min(pending[1], max(activates_at(order), now + RECHECK_SOON_AFTER))",
        "return pending[1]",
    ),
    Mutant(
        "a cancelled scheduled order keeps its goods",
        "shared.orders.reservations:release",
        "before in order.policy.restockable",
        "before in order.policy.restockable - {Fulfilment.SCHEDULED}",
    ),
)
