"""Entry point of `dispatch_cron`."""

from functions.dispatch_cron.routes import router
from shared.composition.dispatch import DispatchPorts
from shared.composition.private import create_app
from shared.edge.entry import entry_point

app = create_app(
    "dispatch_cron",
    summary="Repair offers, searches and orders after lost tasks and events, and reopen searches",
    routers=[router],
    ports=DispatchPorts,
)
dispatch_cron = entry_point(app, "dispatch_cron")
