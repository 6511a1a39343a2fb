"""Bugs in recurring orders and in orders for later."""

from tests.simulation.mutants.engine import Mutant

TURNS, DEADLINES = "shared.orders.recurrences.domain", "shared.orders.deadlines"

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
        "turned = gone_on(stand.recurrence, at) if stand.recurrence else []",
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
        f"{DEADLINES}:_payable_until",
        "return max(until, min(order.placed_at + patience.unpaid_turn, activates_at(order)))",
        "return until + patience.unpaid_turn",
    ),
    Mutant(
        "an order for later begins unpaid",
        f"{DEADLINES}:turn_has_come",
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
        "if turn_has_come(order, now):",
        "if False:",
    ),
    Mutant(
        "money that comes late is found when patience ends",
        f"{DEADLINES}:next_look",
        "return min(found[1], max(activates_at(order), now + LOOK_SOON))",
        "return found[1]",
    ),
    Mutant(
        "a cancelled order for later keeps its goods",
        "shared.orders.reservations:released",
        "before in STILL_WHOLE[order.business]",
        "before in STILL_WHOLE[order.business] - {_F.SCHEDULED}",
    ),
)
