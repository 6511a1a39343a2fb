"""Merchants and menus: a version is for ever, and what a quote pinned is what an order costs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from shared.catalogue.menu_versions import MAX_VERSIONS
from tests.simulation.host import MAX_SKEW_S
from tests.simulation.invariants.orders import Document, Fault
from tests.simulation.invariants.promised import price_faults
from tests.simulation.ports.database import Store
from tests.simulation.process import Process, true_time

MAX_SKEW = timedelta(seconds=MAX_SKEW_S)


def merchant_faults(store: Store, before: Document | None, after: Document) -> Iterator[Fault]:
    """Yield what is wrong with a change of a merchant."""
    name, version = after["name"], after["menu_version"]
    if after["open"] and not (after["approved"] and version):
        yield "12", f"{name} is open, approved {after['approved']}, with menu {version}"
    if version and str(version) not in store.of(f"merchants/{after['id']}/menu"):
        yield "19", f"{name} has no menu {version}"
    if before is None:
        if after["open"] or after["approved"] or version:
            yield "12", f"{name} begins open, approved or with a menu"
        return
    if version not in (before["menu_version"], before["menu_version"] + 1):
        yield "19", f"{name} went from menu {before['menu_version']} to {version}"
    if after["owner_id"] != before["owner_id"]:
        yield "12", f"{name} has another owner"


def menu_faults(store: Store, path: str, before: Document | None, after: Document | None) -> Iterator[Fault]:
    """Yield what is wrong with one version of a menu."""
    merchants, merchant_id, _, version = path.split("/")
    if before is not None and after is not None:
        yield "19", f"menu {version} of {merchant_id[-6:]} changed"
    elif before is not None:
        yield from _gone(store, merchant_id, int(version))
    elif after is not None:
        of = store.of(merchants)[merchant_id]["menu_version"]
        if not version == str(after["version"]) == str(of):
            yield "19", f"menu {version} of {merchant_id[-6:]}, which is at {of}, says {after['version']}"


def _gone(store: Store, merchant_id: str, version: int) -> Iterator[Fault]:
    """Yield a version of a menu that is current, or that a quote or an order pins, and was deleted."""
    name = f"menu {version} of {merchant_id[-6:]}"
    merchant = store.of("merchants")[merchant_id]
    if merchant["menu_version"] - version < (MAX_VERSIONS if merchant["approved"] else 1):
        yield "19", f"{name} is gone, and it is at {merchant['menu_version']}"
    pinned = {"merchant_id": merchant_id, "menu_version": version}
    for collection in ("orders", "quotes"):
        for name_, found in store.of(collection).items():
            if any(found[field] != value for field, value in pinned.items()):
                continue
            if collection == "orders" or found["expires_at"] > true_time() + MAX_SKEW:
                yield "19", f"{name} is gone, and {name_[-6:]} pins it"


def quote_faults(store: Store, process: Process, before: Document | None, after: Document) -> Iterator[Fault]:
    """Yield what is wrong with a quote."""
    name = after["id"][-6:]
    if before is not None:
        yield "19", f"quote {name} changed"
    yield from _taken(process, f"quote {name}", after)
    yield from _prices(store, f"quote {name}", after)


def placing_faults(store: Store, process: Process, order: Document) -> Iterator[Fault]:
    """Yield what is wrong with an order when it is placed."""
    name = order["id"][-6:]
    yield from _taken(process, f"order {name}", order)
    yield from _prices(store, f"order {name}", order)
    quote = store.of("quotes")[order["quote_id"]]
    for field in ("menu_version", "merchant_id", "customer_id"):
        if quote[field] != order[field]:
            yield "19", f"order {name} has other {field} than its quote"
    yield from price_faults(quote, order)


def _taken(process: Process, name: str, document: Document) -> Iterator[Fault]:
    """The merchant took orders at the last look: nobody can know what comes after."""
    shop: Mapping[str, Any] = process.last_look(f"merchants/{document['merchant_id']}") or {}
    if not (shop.get("open") and shop.get("approved")):
        yield "12", f"{name} of a shop that was closed when it was looked at"


def _prices(store: Store, name: str, document: Document) -> Iterator[Fault]:
    menu = store.of(f"merchants/{document['merchant_id']}/menu").get(str(document["menu_version"]))
    if menu is None:
        yield "19", f"{name} rests on menu {document['menu_version']}, which is not there"
        return
    items = {item["id"]: item for item in menu["items"]}
    for line in document["items"]:
        item = items.get(line["item_id"])
        if item is None or not item["available"]:
            yield "19", f"{name} has {line['item_id'][-6:]}, which menu {menu['version']} does not sell"
            continue
        price = item["price"] + sum(_extra(item, modifier["modifier_id"]) for modifier in line["modifiers"])
        if line["unit_price"] != price or line["total"] != price * line["quantity"]:
            yield "19", f"{name}: {line['unit_price']} for what costs {price} by menu {menu['version']}"
    if document["amounts"]["items"] != sum(line["total"] for line in document["items"]):
        yield "19", f"{name}: its lines do not add up"


def _extra(item: Document, modifier_id: str) -> int:
    """Return what a modifier adds to the price of an item by its menu."""
    found = [one for group in item["modifier_groups"] for one in group["modifiers"]]
    return next(int(one["price_delta"]) for one in found if one["id"] == modifier_id)
