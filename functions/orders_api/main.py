"""Entry point of `orders_api`."""

from functions.orders_api import wiring
from functions.orders_api.routes import driver, orders
from shared.edge.app import create_app, entry_point

app = create_app(
    "orders_api",
    summary="Quote, place, follow and move orders",
    routers=[orders, driver],
    settings=wiring.settings,
    tokens=wiring.tokens,
)
orders_api = entry_point(app, "orders_api")
