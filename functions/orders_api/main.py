"""Entry point of `orders_api`."""

from functions.orders_api.operator_routes import overseers
from functions.orders_api.operator_step_routes import operators
from functions.orders_api.recurrence_routes import recurrences
from functions.orders_api.routes import orders
from functions.orders_api.step_routes import driver, merchant
from functions.orders_api.substitution_routes import substitutions
from functions.orders_api.tip_routes import tips
from shared.composition.ordering import OrderingPorts
from shared.composition.public import create_app
from shared.edge.entry import entry_point

app = create_app(
    "orders_api",
    summary="Quote, place, follow and move orders",
    routers=[orders, merchant, driver, recurrences, tips, substitutions, overseers, operators],
    ports=OrderingPorts,
)
orders_api = entry_point(app, "orders_api")
