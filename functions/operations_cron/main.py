"""Entry point of `operations_cron`."""

from functions.operations_cron.routes import router
from shared.composition.operations import OperationsPorts
from shared.composition.private import create_app
from shared.edge.entry import entry_point

app = create_app(
    "operations_cron",
    summary="Publish what a dead process left in the outbox",
    routers=[router],
    ports=OperationsPorts,
)
operations_cron = entry_point(app, "operations_cron")
