"""Entry point of `dispatch_cron`."""

from functions.dispatch_cron import wiring
from functions.dispatch_cron.routes import router
from shared.edge.app import create_app, entry_point

app = create_app(
    "dispatch_cron",
    summary="Repair offers, searches and orders after lost tasks and events, and reopen searches",
    routers=[router],
    settings=wiring.settings,
    dependencies=wiring.dependencies,
    private=True,
)
dispatch_cron = entry_point(app, "dispatch_cron")
