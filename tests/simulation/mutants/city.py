"""Bugs in accounts, the catalogue, the driver location index, the bus and the jobs."""

from tests.simulation.mutants.engine import Mutant
from tests.simulation.mutants.operations import argument, drop, empty, never, only, suppress, value, without

CITY = (
    Mutant("a customer reviews an order twice", "reviewed-twice", argument("id", "it + str(content.stars)")),
    Mutant("an order is reviewed before it is there", "reviewed-early", without(1)),
    Mutant("device cap ignored", "no-device-cap", only("push_tokens.1")),
    Mutant("a device that had to go keeps its document", "device-kept", empty()),
    Mutant("a registration sent again makes a second shop", "second-shop", argument(3, "None")),
    Mutant("If-Match is not looked at", "if-match-ignored", never()),
    Mutant("a menu takes the place of the version before", "menu-overwritten", argument(1, "max(1, it - 1)")),
    Mutant(
        "old menus are cleared away",
        "old-menus-cleared",
        value("it + [menus_of(merchant_id).delete(str(n)) for n in [access.merchant.menu_version] if n]"),
    ),
    Mutant("a closed shop takes orders", "closed-shop", never()),
    Mutant(
        "the newest menu instead of the one that was quoted",
        "newest-menu",
        argument(
            "quote",
            "it and merchant and __import__('dataclasses').replace(it, menu_version=merchant.menu_version)",
        ),
    ),
    Mutant("an edited profile forgets its phones", "phones-forgotten", value("replace(it, push_tokens=())")),
    Mutant("what was reserved comes back twice", "back-twice", value("2 * it")),
    Mutant("a place in the kitchen is given back at each step", "slot-at-each-step", without(2)),
    Mutant("a step bears the time of its order", "step-time", argument(3, "order.placed_at")),
    Mutant("a shop opens without approval", "opens-unapproved", never()),
    Mutant(
        "sweeper removes an event that the bus refused", "sweeper-removes-refused", suppress("Unavailable")
    ),
    Mutant("a driver who is missing from the index is not added again", "missing-driver", drop()),
    Mutant("a stale index keeps a free driver as a busy one", "stale-driver", drop()),
    Mutant("a driver is left in the available set", "left-available", drop()),
    Mutant(
        "a search without candidates does not mark the index as suspect", "not-suspect", argument(2, "0.0")
    ),
)
