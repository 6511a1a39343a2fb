"""Stock and capacity: neither is negative, and an order holds exactly what it has reserved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from tests.simulation.invariants.orders import Document, Fault
from tests.simulation.ports.database import Store, Touched


def faults(store: Store, touched: Touched) -> Iterator[Fault]:
    """Yield what is wrong with a commit: the stock changes by exactly what orders reserve and release."""
    shops = {path.split("/")[1] for path in touched if path.startswith("merchants/")}
    shops |= {
        str((new or old or {})["merchant_id"]) for path, (old, new) in touched.items() if _is_order(path)
    }
    for shop in shops:
        yield from _stock(shop, touched)
        yield from _capacity(store, shop)


def _stock(shop: str, touched: Touched) -> Iterator[Fault]:
    moved: Counter[str] = Counter()
    for path, (old, new) in touched.items():
        if path.startswith(f"merchants/{shop}/stock/") and new is not None:
            moved[new["item_id"]] += new["on_hand"] - (old["on_hand"] if old else 0)
            if new["on_hand"] < 0:
                yield "18", f"{new['on_hand']} of {new['item_id'][-6:]} are left"
    orders = [change for path, change in touched.items() if _is_order(path)]
    held: Counter[str] = Counter()
    for before, after in orders:
        for document, sign in ((before, -1), (after, 1)):
            for part in [*(document or {}).get("reserved", ()), *(document or {}).get("written_off", ())]:
                held[part["item_id"]] += sign * part["quantity"]
    for item in sorted(held.keys() | moved.keys()) if orders else ():
        if moved[item] != -held[item]:
            yield "18", f"an order holds {held[item]:+} of {item[-6:]}, the stock moves by {moved[item]:+}"


def _capacity(store: Store, shop: str) -> Iterator[Fault]:
    load: Document = store.of(f"merchants/{shop}/capacity").get("load", {"active": 0})
    orders = store.of("orders").values()
    held = sum(order["merchant_id"] == shop and order["holds_slot"] for order in orders)
    if load["active"] != held:
        yield "18", f"the capacity of {shop[-6:]} counts {load['active']} orders, and {held} hold a slot"


def _is_order(path: str) -> bool:
    return path.startswith("orders/") and path.count("/") == 1
