"""Bugs in what is held unpaid, what a quote promises, and what people are told of."""

from tests.simulation.mutants.engine import Mutant
from tests.simulation.mutants.operations import always, argument, drop, never, value, without

PROMISES = (
    Mutant("unpaid orders at one merchant are not counted", "unpaid-cap", never()),
    Mutant("unpaid orders in all are not counted", "unpaid-cap-in-all", never()),
    Mutant("what was held unpaid is held anew", "unpaid-again", never()),
    Mutant("unpaid orders are forgotten when they end", "unpaid-forgotten", value("(placed.id,)")),
    Mutant("a new order is not remembered as unpaid", "unpaid-unremembered", without(2)),
    Mutant("a block releases nothing", "block-releases", never()),
    Mutant("a recurrence that nobody pays goes on", "unpaid-series", never()),
    Mutant("what is sold out since the quote is placed", "gone-at-placing", drop()),
    Mutant("a modifier that is gone since the quote is placed", "gone-modifier", never()),
    Mutant("a merchant that has moved is fetched from where it was", "moved-at-placing", never()),
    Mutant("an address that is in no zone any more is served", "zone-at-placing", never()),
    Mutant("opening hours are not looked at when an order is placed", "closed-meanwhile", drop()),
    Mutant("orders are begun until the merchant closes", "last-order-ignored", always()),
    Mutant("a business that takes no orders takes them", "refused-business", never()),
    Mutant(
        "an order costs what its items cost now",
        "price-of-now",
        value(
            "replace(it, items=tuple(replace(line, unit_price=new.price) for line in it.items "
            "for new in context.menu if new.id == line.item_id)) if context.menu else it"
        ),
    ),
    Mutant("an order for later is to be confirmed at once", "later-as-now", value("False")),
    Mutant("nobody says when an order for later begins", "begin-not-said", argument("merchant_id", "''")),
    Mutant("an escalation is told to no operator", "escalation-unsaid", argument("to_operators", "False")),
    Mutant("a driver's problem reaches no operator", "problem-unseen", value("None")),
    Mutant("an escalation outlives its order", "escalation-stays", value("order.assignment")),
    Mutant("a merchant is not told to make goods again", "made-again-unsaid", argument("merchant_id", "''")),
    Mutant("an escalation is no event", "escalation-no-event", argument(2, "()")),
    Mutant("an offer is told to nobody", "offer-untold", argument("driver_id", "None")),
    Mutant("what is silenced is pushed", "silenced-anyway", value("True")),
    Mutant("what must be done can be silenced", "urgent-silenced", value("False")),
    Mutant("a blocked customer places an order", "blocked-customer", never()),
)
