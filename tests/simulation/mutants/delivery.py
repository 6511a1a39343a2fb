"""Bugs in orders and dispatch."""

from tests.simulation.mutants.engine import Mutant
from tests.simulation.mutants.operations import argument, drop, never, only, value, without

ANY_STEP = Mutant("any step from any state", "any-step", never())

DELIVERY = (
    Mutant("no expiry check on accept", "no-expiry-check", never()),
    Mutant(
        "an ended offer can be answered",
        "ended-offer-answered",
        argument(1, "it if cause is Cause.EXPIRED else OfferState.OPEN"),
    ),
    Mutant("accept does not look at the order", "accept-blind", without(2)),
    Mutant("no load cap", "no-load-cap", drop()),
    Mutant("expiry by the task, not by the clock", "expiry-by-task", never()),
    Mutant(
        "an accepted offer expires or is withdrawn",
        "accepted-offer-expires",
        argument(1, "it if cause is Cause.DECLINED else OfferState.OPEN"),
    ),
    Mutant("offers without looking at the assignment", "offer-blind", only(1)),
    Mutant("no deadline for an offer, and no sweeper", "no-offer-deadline", value("offer")),
    Mutant("sweeper forgets idle searches", "idle-searches", value("False")),
    Mutant("a cancelled order stays with its driver", "cancelled-stays", drop()),
    Mutant("a delivered order stays with its driver", "delivered-stays", value("driver.active_orders")),
    Mutant("an open offer outlives its cancelled order", "offer-outlives-order", drop()),
    Mutant("a driver gets two offers at once", "two-offers", without(2)),
    Mutant("the end of an offer leaves it outstanding for its driver", "offer-left", only(1)),
    Mutant("a driver who never answers gets offers for ever", "offers-for-ever", value("False")),
    Mutant("an unassignable order is never searched for again", "unassignable-rests", value("False")),
    Mutant("an order whose event was lost is never searched for", "lost-search", value("False")),
    Mutant("an end whose event was lost releases no driver", "lost-release", value("False")),
    Mutant("a review counted at each delivery", "review-counted-again", without(2)),
    Mutant("food moves unpaid", "moves-unpaid", never()),
    Mutant("offers decided before they are made", "offer-decided-early", value("it - config.offer_timeout")),
    Mutant("an offer that was too short is missed", "short-offer-missed", value("True")),
    Mutant(
        "the offer of a driver who leaves goes on",
        "offer-of-absent-driver",
        value("Decision(replace(context, driver=away), (), context)"),
    ),
    Mutant("an order is offered again to who handed it back", "asked-again", value("seen.former_drivers")),
    Mutant("an order that was handed back counts as accepted", "handed-back-counts", only(1)),
    Mutant(
        "a closed driver stays in dispatch",
        "closed-driver-stays",
        value("Decision(context, (), context.driver)"),
    ),
    Mutant(
        "a page of poison ends a sweep",
        "page-of-poison",
        value("found[-1].data if len(items) == query.limit else None"),
    ),
    ANY_STEP,
    Mutant("cancel at any time", "cancel-any-time", argument(2, "self.cancellers")),
    Mutant("a quote makes many orders", "quote-reused", value("derived_id('ord', it, now.isoformat())")),
)
