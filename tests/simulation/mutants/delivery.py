"""Bugs in orders and dispatch."""

from tests.simulation.mutants.engine import Mutant

OFFERS, SEARCHING = "shared.dispatch.offers", "shared.dispatch.searching"
SWEEP_ORDERS = "shared.dispatch.usecases.sweep_orders"

DELIVERY = (
    Mutant("no expiry check on accept", f"{OFFERS}:_answerable", "if now >= offer.expires_at:", "if False:"),
    Mutant(
        "an ended offer can be answered",
        f"{OFFERS}:_answerable",
        "if offer.state is not OfferState.OPEN:",
        "if False:",
    ),
    Mutant(
        "accept does not look at the order",
        f"{OFFERS}:accept",
        "if order is None or not _still_offered(order, offer):",
        "if order is None:",
    ),
    Mutant("no load cap", f"{OFFERS}:accept", "    driver.check_can_carry()\n", ""),
    Mutant(
        "expiry by the task, not by the clock",
        f"{OFFERS}:expire",
        "    if now < offer.expires_at:\n",
        "    if False:\n",
    ),
    Mutant(
        "expiry of an accepted offer",
        f"{OFFERS}:expire",
        "if offer.state is not OfferState.OPEN:",
        "if False:",
    ),
    Mutant(
        "offers without looking at the assignment",
        f"{OFFERS}:_waiting",
        "if order is None or order.assignment != seen or not order.awaits_driver():",
        "if order is None:",
    ),
    Mutant(
        "no deadline for an offer, and no sweeper",
        "shared.dispatch.usecases.sweep_offers:sweep_offers",
        "offers = await desk.store.open_offers(now, BATCH)",
        "offers = []",
    ),
    Mutant(
        "sweeper forgets idle searches",
        "shared.dispatch.usecases.sweep_offers:sweep_offers",
        "orders = await desk.store.searching_orders(now - SEARCH_GRACE, BATCH)",
        "orders = []",
    ),
    Mutant(
        "a cancelled order stays with its driver",
        f"{SEARCHING}:call_off",
        "driver = drivers.free(driver, order.id)",
        "driver = driver",
    ),
    Mutant(
        "a delivered order stays with its driver",
        "shared.dispatch.usecases.free_driver:free_driver",
        "freed = drivers.free(case.driver, command.order_id)",
        "freed = case.driver",
    ),
    Mutant(
        "an open offer outlives its cancelled order",
        f"{SEARCHING}:call_off",
        "offer = replace(offer, state=OfferState.WITHDRAWN)",
        "offer = offer",
    ),
    Mutant(
        "a driver is asked twice at once",
        "shared.dispatch.drivers:Driver.can_be_asked",
        "return self.can_carry() and self.open_offer is None",
        "return self.can_carry()",
    ),
    Mutant(
        "an offer's end leaves its driver asked",
        "shared.dispatch.drivers:_relieved",
        "return replace(driver, open_offer=None, asked_until=None)",
        "return driver",
    ),
    Mutant(
        "a driver who never answers is asked for ever",
        "shared.dispatch.drivers:miss",
        "away = missed >= MISSED_LIMIT and driver.status is DriverStatus.ONLINE",
        "away = False",
    ),
    Mutant(
        "a search that found nobody is never opened again",
        f"{SWEEP_ORDERS}:sweep_orders",
        "rested = await store.waiting_orders(AssignmentState.UNASSIGNABLE, now - desk.config.rest, BATCH)",
        "rested = []",
    ),
    Mutant(
        "an order of which dispatch never heard is never looked for",
        f"{SWEEP_ORDERS}:sweep_orders",
        "unheard = await store.waiting_orders(AssignmentState.NONE, now - NEWS_GRACE, BATCH)",
        "unheard = []",
    ),
    Mutant(
        "an end of which dispatch never heard frees nobody",
        f"{SWEEP_ORDERS}:sweep_orders",
        "ended = await store.ended_orders(now - NEWS_GRACE, BATCH)",
        "ended = []",
    ),
    Mutant(
        "a review counted at each delivery",
        "shared.adapters.firestore.dispatch:FirestoreDispatch.count_review",
        "if driver is None or counted.find(docs, review_id):",
        "if driver is None:",
    ),
    Mutant(
        "food moves unpaid",
        "shared.orders.guards:_paid",
        "if order.payment.state not in PAID:",
        "if False:",
    ),
    Mutant(
        "any step from any state",
        "shared.orders.transitions:advance",
        "if order.fulfilment not in rule.sources:",
        "if False:",
    ),
    Mutant(
        "cancel at any time",
        "shared.orders.cancellation:cancellers",
        "if state not in BEFORE_PICKUP[business]:",
        "if False:",
    ),
    Mutant(
        "a quote makes many orders",
        "shared.orders.usecases.place_order:place_order",
        "order_id = _order_id(command)",
        'order_id = derived_id("ord", command.quote_id, now.isoformat())',
    ),
)
