"""Bugs in accounts, the catalogue, the driver location index, the bus and the jobs."""

from tests.simulation.mutants.engine import Mutant

SHOP, STORE = "shared.catalogue.domain", "shared.adapters.firestore.catalogue:FirestoreMerchants"
PEOPLE, REVIEWS = "shared.profiles.devices", "shared.reviews.domain"
KEPT = "shared.adapters.firestore.reservations"

CITY = (
    Mutant(
        "a customer reviews an order twice",
        f"{REVIEWS}:review_order",
        "review_id(order.id, side)",
        "review_id(order.id, side) + str(opinion.stars)",
    ),
    Mutant(
        "an order is reviewed before it is there",
        f"{REVIEWS}:review_order",
        "if order.fulfilment is not Fulfilment.DELIVERED or subject is None:",
        "if subject is None:",
    ),
    Mutant(
        "device cap ignored",
        f"{PEOPLE}:with_device",
        "push_tokens=tokens[-MAX_DEVICES:]",
        "push_tokens=tokens",
    ),
    Mutant(
        "a device that had to go keeps its document",
        f"{PEOPLE}:with_device",
        "device_id(token) for token in tokens[:-MAX_DEVICES]",
        "device_id(token) for token in ()",
    ),
    Mutant(
        "a registration sent again makes a second shop",
        "shared.catalogue.usecases.register_merchant:register_merchant",
        "owner_membership(merchant), idempotency)",
        "owner_membership(merchant), None)",
    ),
    Mutant(
        "If-Match is not looked at",
        f"{SHOP}:with_menu",
        "if based_on is not None and merchant.menu_version not in based_on:",
        "if False:",
    ),
    Mutant(
        "a menu takes the place of the version before",
        f"{SHOP}:with_menu",
        "Menu(merchant.menu_version + 1,",
        "Menu(max(1, merchant.menu_version),",
    ),
    Mutant(
        "old menus are cleared away",
        f"{STORE}.publish_menu",
        "_menus(merchant_id).create(str(menu.version), menu)",
        "*([_menus(merchant_id).delete(str(before.menu_version))] if before.menu_version else []),"
        " _menus(merchant_id).create(str(menu.version), menu)",
    ),
    Mutant(
        "a closed shop takes orders",
        "shared.orders.usecases.place_order:_usable",
        "if not context.takes_orders:",
        "if False:",
    ),
    Mutant(
        "the newest menu instead of the one that was quoted",
        "shared.adapters.firestore.orders:Placement.context",
        "quote=self.quote,",
        "quote=self.quote and merchant"
        " and __import__('dataclasses').replace(self.quote, menu_version=merchant.menu_version),",
    ),
    Mutant(
        "an edited profile forgets its phones",
        "shared.profiles.preferences:edited",
        "version=profile.version + 1,",
        "version=profile.version + 1, push_tokens=(),",
    ),
    Mutant(
        "what was reserved comes back twice",
        f"{KEPT}:_reserved_or_written_off",
        "counts[part.item_id] += part.quantity",
        "counts[part.item_id] += 2 * part.quantity",
    ),
    Mutant(
        "a place in the kitchen is given back at each step",
        f"{KEPT}:release_writes",
        "leaves = before.holds_slot and not after.holds_slot",
        "leaves = before.holds_slot",
    ),
    Mutant(
        "a step bears the time of its order",
        "shared.orders.transitions:advance",
        "_event_id(after, step), actor.uid, now)",
        "_event_id(after, step), actor.uid, order.placed_at)",
    ),
    Mutant(
        "a shop opens without approval",
        "shared.catalogue.opening:opened",
        "if not merchant.approved:",
        "if False:",
    ),
    Mutant(
        "sweeper removes an event that the bus refused",
        "shared.operations.usecases.sweep_outbox:sweep_outbox",
        "        await publisher.publish([message])\n",
        "        try:\n"
        "            await publisher.publish([message])\n"
        "        except Unavailable:\n"
        "            pass\n",
    ),
    Mutant(
        "a driver who is missing from the index is not added again",
        "shared.tracking.usecases.record_positions:_restore",
        "await positions.upsert_availability(availability)",
        "pass",
    ),
    Mutant(
        "a stale index keeps a free driver as a busy one",
        "shared.tracking.usecases.record_positions:_refresh_availability",
        "await positions.upsert_availability(availability)",
        "pass",
    ),
    Mutant(
        "a search without candidates does not mark the index as suspect",
        "shared.dispatch.usecases.make_offer:_offer_to_best",
        "ports.config.radii_m[-1], ports.config.suspect_time",
        "0.0, ports.config.suspect_time",
    ),
)
