"""31: what can change between quote and placing is checked at placing, by what was read for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from shared.kernel.order import Business
from shared.orders.ordering import usually_refused
from tests.simulation.invariants.orders import Document, Fault
from tests.simulation.invariants.zones import Zones
from tests.simulation.ports.database import Store
from tests.simulation.process import Process

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def faults(store: Store, zones: Zones, process: Process, order: Document) -> Iterator[Fault]:
    """Yield what a new order has that was not to be had any more when it was placed."""
    name = f"order {order['id'][-6:]}"
    shop: Mapping[str, Any] | None = process.last_look(f"merchants/{order['merchant_id']}")
    if shop is None:
        yield "31", f"{name} was placed without a look at its merchant"
        return
    place = shop["location"]
    if (place["lat"], place["lng"]) != (order["pickup"]["lat"], order["pickup"]["lng"]):
        yield "31", f"{name} is fetched where the merchant was"
    if shop["blocked"] and process.last_look(f"merchants/{shop['id']}/blocks/{order['customer_id']}"):
        yield "31", f"{name} was placed by a blocked customer"
    if Business(order["business"]) in usually_refused():
        yield "31", f"{name} is one of {order['business']}, which takes none"
    for _, message in zones.faults(name, order["dropoff"], process.asked_at):
        yield "31", message
    yield from _gone(store, name, order, shop)
    yield from _hours(process, name, order, shop)


def price_faults(quote: Document, order: Document) -> Iterator[Fault]:
    """Yield where a new order does not cost what its quote says, to the last part."""
    if quote["amounts"] != order["amounts"]:
        yield "31", f"order {order['id'][-6:]} costs {order['amounts']}, and was quoted {quote['amounts']}"
    if quote["items"] != order["items"]:
        yield "31", f"order {order['id'][-6:]} has other lines or prices than its quote"


def _gone(store: Store, name: str, order: Document, shop: Document) -> Iterator[Fault]:
    menu = store.of(f"merchants/{shop['id']}/menu").get(str(shop["menu_version"]))
    if menu is None:
        return  # a version that nobody pins was cleared away since
    items = {item["id"]: item for item in menu["items"] if item["available"]}
    for line in order["items"]:
        item = items.get(line["item_id"])
        if item is None:
            yield "31", f"{name} has {line['name']}, which the menu had not any more"
            continue
        offered = {m["id"] for group in item["modifier_groups"] for m in group["modifiers"] if m["available"]}
        for modifier in line["modifiers"]:
            if modifier["modifier_id"] not in offered:
                yield "31", f"{name} has {modifier['name']}, which the menu had not any more"


def _hours(process: Process, name: str, order: Document, shop: Document) -> Iterator[Fault]:
    """Yield where the merchant would not begin the order by its hours, at any time of the request."""
    if order["scheduled_for"]:
        times = {order["scheduled_for"] - timedelta(minutes=order["eta_minutes"])}
    else:
        times = {process.started, process.clock()}
    if not any(_begins(shop, at) for at in times):
        yield "31", f"{name} begins when the merchant takes no orders: {sorted(times)}"


def _begins(shop: Document, at: datetime) -> bool:
    """Say whether a merchant begins an order then; the hours of a run never go past midnight."""
    if shop["paused_until"] and at < shop["paused_until"]:
        return False
    local = at.astimezone(ZoneInfo(shop["timezone"]))
    today = [span for span in shop["hours"] if span["day"] == WEEKDAYS[local.weekday()]]
    lead = shop["prep_minutes"] if shop["last_order_minutes"] is None else shop["last_order_minutes"]
    minute = local.hour * 60 + local.minute + local.second / 60
    return not shop["hours"] or any(
        span["opens"] <= minute < span["closes"] and minute + lead <= span["closes"] for span in today
    )
