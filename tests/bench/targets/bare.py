"""A bare FastAPI route in the same runtime as ours: nothing is checked, logged or looked up."""

from __future__ import annotations

from fastapi import FastAPI

from shared.edge.entry import entry_point

app = FastAPI()


@app.get("/api/v1/orders/{order_id}")
async def read(order_id: str) -> dict[str, str]:
    """Answer with the id."""
    return {"id": order_id}


bare = entry_point(app, "bare")
