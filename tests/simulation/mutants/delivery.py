"""Bugs in orders and dispatch."""

from tests.simulation.mutants.engine import Mutant

OFFERS, SEARCHING = "shared.dispatch.offers", "shared.dispatch.searching"
SWEEP_ORDERS = "shared.dispatch.usecases.sweep_orders"

DELIVERY = (
    Mutant("no expiry check on accept", f"{OFFERS}:_answerable", "if now >= offer.expires_at:", "if False:"),
    Mutant(
        "an ended offer can be answered",
        "shared.dispatch.machine:next_offer",
        "_OFFER.get((state, cause))",
        "_OFFER.get((state if cause is Cause.EXPIRED else OfferState.OPEN, cause))",
    ),
    Mutant(
        "accept does not look at the order",
        f"{OFFERS}:accept",
        "if order is None or not _is_current(order, offer):",
        "if order is None:",
    ),
    Mutant("no load cap", f"{OFFERS}:accept", "    driver.check_can_take_order()\n", ""),
    Mutant(
        "expiry by the task, not by the clock",
        f"{OFFERS}:expire",
        "    if now < offer.expires_at:\n",
        "    if False:\n",
    ),
    Mutant(
        "an accepted offer expires or is withdrawn",
        "shared.dispatch.machine:next_offer",
        "_OFFER.get((state, cause))",
        "_OFFER.get((state if cause is Cause.DECLINED else OfferState.OPEN, cause))",
    ),
    Mutant(
        "offers without looking at the assignment",
        f"{OFFERS}:make",
        "if order is None or order.assignment != seen or not order.awaits_driver():",
        "if order is None:",
    ),
    Mutant(
        "no deadline for an offer, and no sweeper",
        "shared.dispatch.usecases.sweep_offers:_overdue_offers",
        "after = await expire_offer(ExpireOffer(offer.id), ports=ports, now=now)",
        "after = offer",
    ),
    Mutant(
        "sweeper forgets idle searches",
        "shared.dispatch.usecases.sweep_offers:_idle_searches",
        "return await make_offer(command, ports=ports, now=now) is not Outcome.NOTHING_TO_DO",
        "return False",
    ),
    Mutant(
        "a cancelled order stays with its driver",
        f"{SEARCHING}:cancel",
        "driver = drivers.remove_order(driver, order.id)",
        "driver = driver",
    ),
    Mutant(
        "a delivered order stays with its driver",
        "shared.dispatch.usecases.release_driver:release_driver",
        "released = drivers.remove_order(context.driver, command.order_id)",
        "released = context.driver",
    ),
    Mutant(
        "an open offer outlives its cancelled order",
        f"{SEARCHING}:cancel",
        "offer = replace(offer, state=withdrawn)",
        "offer = offer",
    ),
    Mutant(
        "a driver gets two offers at once",
        "shared.dispatch.drivers:Driver.can_receive_offer",
        "return self.can_take_order() and self.outstanding_offer is None",
        "return self.can_take_order()",
    ),
    Mutant(
        "the end of an offer leaves it outstanding for its driver",
        "shared.dispatch.drivers:_without_offer",
        "return replace(driver, outstanding_offer=None, offer_expires_at=None)",
        "return driver",
    ),
    Mutant(
        "a driver who never answers gets offers for ever",
        "shared.dispatch.drivers:time_out_offer",
        "away = timeouts >= MAX_CONSECUTIVE_TIMEOUTS and driver.status is DriverStatus.ONLINE",
        "away = False",
    ),
    Mutant(
        "an unassignable order is never searched for again",
        f"{SWEEP_ORDERS}:_cooled_down",
        "return await reopen_search(ReopenSearch(order.id), ports=ports, now=now) is not"
        " Outcome.NOTHING_TO_DO",
        "return False",
    ),
    Mutant(
        "an order whose event was lost is never searched for",
        f"{SWEEP_ORDERS}:_unsearched",
        "return await make_offer(FindDriver(order.id), ports=ports, now=now) is not Outcome.NOTHING_TO_DO",
        "return False",
    ),
    Mutant(
        "an end whose event was lost releases no driver",
        f"{SWEEP_ORDERS}:_ended",
        "return await _release(order, ports, now)",
        "return False",
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
        "shared.orders.businesses.policy:BusinessPolicy.cancellers_in",
        "return terms.roles if terms else frozenset()",
        "return terms.roles if terms else self.cancellers",
    ),
    Mutant(
        "a quote makes many orders",
        "shared.orders.usecases.place_order:place_order",
        'derived_id("ord", command.quote_id)',
        'derived_id("ord", command.quote_id, now.isoformat())',
    ),
)
