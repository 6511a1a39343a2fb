"""Each customer's orders that count as unpaid when they place the next: `unpaid_registers/{customer}`."""

from __future__ import annotations

from dataclasses import dataclass

from shared.adapters.firestore.change import Docs
from shared.adapters.firestore.codec import Collection, DocumentWrite
from shared.adapters.firestore.database import Database
from shared.adapters.firestore.read_set import require_read
from shared.orders.domain import Order
from shared.orders.unpaid import remembered


@dataclass(frozen=True, slots=True)
class UnpaidRegister:
    """The orders of a customer that `orders.unpaid` remembers.

    Every placement writes it, so that of two at once each counts the other.
    """

    customer_id: str
    ids: tuple[str, ...] = ()


REGISTERS = Collection("unpaid_registers", UnpaidRegister)
_ORDERS = Collection("orders", Order)


def unpaid_in(docs: Docs, customer_id: str) -> list[Order]:
    """Return the orders that are remembered of a customer; what was not read is read first."""
    register = REGISTERS.find(docs, customer_id)
    ids = register.ids if register else ()
    require_read(docs, [_ORDERS.path(id_) for id_ in ids])
    return [order for id_ in ids if (order := _ORDERS.find(docs, id_))]


def remember(docs: Docs, placed: Order) -> DocumentWrite:
    """Return the write by which a new order is remembered, and those that were paid since are not."""
    before = REGISTERS.find(docs, placed.customer_id)
    after = UnpaidRegister(placed.customer_id, remembered(unpaid_in(docs, placed.customer_id), placed))
    if before is None:
        return REGISTERS.create(placed.customer_id, after)
    return REGISTERS.update(placed.customer_id, before, after)


async def read_unpaid(database: Database, customer_id: str) -> list[Order]:
    """Return the orders that are remembered of a customer."""
    register = REGISTERS.find(await database.get_all([REGISTERS.path(customer_id)]), customer_id)
    if register is None:
        return []
    docs = await database.get_all([_ORDERS.path(id_) for id_ in register.ids])
    return _ORDERS.readable([snapshot for snapshot in docs.values() if snapshot.data is not None])
