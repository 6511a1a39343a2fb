"""Entry point of `dispatch_tasks`."""

from functions.dispatch_tasks.routes import router
from shared.composition.dispatch import DispatchPorts
from shared.composition.private import create_app
from shared.edge.entry import entry_point

app = create_app(
    "dispatch_tasks",
    summary="Offers expire and searches continue at their time",
    routers=[router],
    ports=DispatchPorts,
)
dispatch_tasks = entry_point(app, "dispatch_tasks")
