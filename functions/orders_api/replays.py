"""What a request gets that was answered before: the same answer, as far as the person may still read it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial

from functions.orders_api.schemas import OrderView
from shared.composition.orders import OrdersPorts
from shared.kernel.idempotency import AlreadyAnswered
from shared.orders import queries
from shared.orders.closing import closed
from shared.orders.domain import Order

PRIVATE = ("pickup", "dropoff", "note")
"""The fields of an answer that hold addresses and the note, which may be the code of a gate."""


def replays_to_party(order_id: str, uid: str, ports: OrdersPorts) -> AbstractAsyncContextManager[None]:
    """Answer a party who repeats a request; who has no part in the order any more gets `OrderNotFound`."""
    read = partial(queries.get_order, order_id, uid, orders=ports.orders, memberships=ports.memberships)
    return _replays(read)


def replays_to_operator(order_id: str, ports: OrdersPorts) -> AbstractAsyncContextManager[None]:
    """Answer an operator who repeats a step; once the order ended, they look at the address by a read."""

    async def read() -> Order:
        return closed(await ports.orders.get(order_id))

    return _replays(read)


@asynccontextmanager
async def _replays(read: Callable[[], Awaitable[Order]]) -> AsyncIterator[None]:
    try:
        yield
    except AlreadyAnswered as before:
        order = await read()
        now = OrderView.of(order).model_dump(mode="json") if order.closed else {}
        shown = {name: now.get(name, value) for name, value in before.answer.items() if name in PRIVATE}
        raise AlreadyAnswered({**before.answer, **shown}) from None
