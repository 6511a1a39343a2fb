"""A bare FastAPI route that answers with the same order as ours does: what the body alone costs."""

from __future__ import annotations

from fastapi import FastAPI

from functions.orders_api.schemas import OrderView
from shared.edge.entry import entry_point
from tests.builders import order

app = FastAPI()
ORDER = order()


@app.get("/api/v1/orders/{order_id}")
async def read(order_id: str) -> OrderView:
    """Answer with the order, whatever the id."""
    return OrderView.of(ORDER)


bare_body = entry_point(app, "bare_body")
