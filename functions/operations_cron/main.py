"""Entry point of `operations_cron`."""

from functions.operations_cron import wiring
from functions.operations_cron.routes import router
from shared.edge.app import create_app, entry_point

app = create_app(
    "operations_cron",
    summary="Publish what a dead process left behind",
    routers=[router],
    settings=wiring.settings,
    dependencies=wiring.dependencies,
    private=True,
)
operations_cron = entry_point(app, "operations_cron")
