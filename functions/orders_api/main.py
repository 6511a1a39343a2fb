"""Entry point of `orders_api`."""

from functions.orders_api import wiring
from functions.orders_api.recurrence_routes import recurrences
from functions.orders_api.routes import driver, orders
from functions.orders_api.substitution_routes import substitutions
from functions.orders_api.tip_routes import tips
from shared.edge.app import create_app, entry_point

app = create_app(
    "orders_api",
    summary="Quote, place, follow and move orders",
    routers=[orders, driver, recurrences, tips, substitutions],
    settings=wiring.settings,
    tokens=wiring.tokens,
    roles=wiring.roles,
    rate_limiter=wiring.rate_limiter,
    dependencies=wiring.dependencies,
)
orders_api = entry_point(app, "orders_api")
