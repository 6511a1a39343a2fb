"""Entry point of `orders_cron`."""

from functions.orders_cron import wiring
from functions.orders_cron.routes import router
from shared.edge.app import create_app, entry_point

app = create_app(
    "orders_cron",
    summary="End orders that nobody acts on, and place recurring ones",
    routers=[router],
    settings=wiring.settings,
    dependencies=wiring.dependencies,
    private=True,
)
orders_cron = entry_point(app, "orders_cron")
