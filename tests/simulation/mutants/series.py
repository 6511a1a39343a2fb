"""Bugs in recurring orders and in orders for later."""

from tests.simulation.mutants.engine import Mutant

TURNS, TIMEOUTS = "shared.orders.recurrences.domain", "shared.orders.timeouts"

SERIES = (
    Mutant(
        "a turn that was left out is placed all the same",
        "shared.orders.usecases.place_order:place_order",
        "if command.turn:",
        "if False:",
    ),
    Mutant(
        "a series does not go on when its turn is placed",
        "shared.adapters.firestore.orders:FirestoreOrders.place",
        "turned = gone_on(context.recurrence, at) if context.recurrence else []",
        "turned = []",
    ),
    Mutant(
        "a turn that cannot be placed goes without a word",
        f"{TURNS}:failed",
        "replace(recurrence, skipped=code, skipped_at=turn)",
        "recurrence",
    ),
    Mutant(
        "an ended series goes on",
        f"{TURNS}:ended",
        "replace(recurrence, next_at=None, due_at=None)",
        "recurrence",
    ),
    Mutant(
        "a turn that was left out stays the next",
        f"{TURNS}:skipped",
        "return _waiting(recurrence, recurrence.next_at)",
        "return recurrence",
    ),
    Mutant(
        "another turn is left out than was meant",
        f"{TURNS}:skipped",
        "if turn is not None:",
        "if False:",
    ),
    Mutant(
        "turns are placed long before they are due",
        f"{TURNS}:_waiting",
        "turn - AHEAD",
        "turn - 3 * AHEAD",
    ),
    Mutant(
        "a turn is due and nobody looks",
        "shared.orders.recurrences.usecases.place_occurrences:place_turns",
        "due = await shops.recurrences.due(now, BATCH)",
        "due = []",
    ),
    Mutant(
        "a turn that nobody pays waits on",
        f"{TIMEOUTS}:_payable_until",
        "return max(until, min(order.placed_at + timeouts.unpaid_occurrence, activates_at(order)))",
        "return until + timeouts.unpaid_occurrence",
    ),
    Mutant(
        "an order for later begins unpaid",
        f"{TIMEOUTS}:is_activation_due",
        "order.fulfilment is Fulfilment.SCHEDULED and order.payment.state in PAID",
        "order.fulfilment is Fulfilment.SCHEDULED",
    ),
    Mutant(
        "an order for later begins as soon as it is paid",
        "shared.orders.scheduling:activates_at",
        "return wanted - timedelta(minutes=order.eta_minutes) - SLACK",
        "return order.placed_at",
    ),
    Mutant(
        "an order for later never begins",
        "shared.orders.usecases.sweep_orders:_end",
        "if is_activation_due(order, now):",
        "if False:",
    ),
    Mutant(
        "money that comes late is found when the timeout expires",
        f"{TIMEOUTS}:next_check_at",
        "return min(found[1], max(activates_at(order), now + RECHECK_SOON_AFTER))",
        "return found[1]",
    ),
    Mutant(
        "a cancelled order for later keeps its goods",
        "shared.orders.reservations:release",
        "before in RESTOCKABLE[order.business]",
        "before in RESTOCKABLE[order.business] - {_F.SCHEDULED}",
    ),
)
