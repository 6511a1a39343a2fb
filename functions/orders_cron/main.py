"""Entry point of `orders_cron`."""

from functions.orders_cron.routes import router
from shared.composition.orders import OrdersPorts
from shared.composition.private import create_app
from shared.edge.entry import entry_point

app = create_app(
    "orders_cron",
    summary="Expire the timeouts of orders, and place recurring orders",
    routers=[router],
    ports=OrdersPorts,
)
orders_cron = entry_point(app, "orders_cron")
