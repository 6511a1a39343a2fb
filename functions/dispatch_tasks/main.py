"""Entry point of `dispatch_tasks`."""

from functions.dispatch_tasks import wiring
from functions.dispatch_tasks.routes import router
from shared.edge.app import create_app, entry_point

app = create_app(
    "dispatch_tasks",
    summary="Offers expire and searches continue at their time",
    routers=[router],
    settings=wiring.settings,
    dependencies=wiring.dependencies,
    private=True,
)
dispatch_tasks = entry_point(app, "dispatch_tasks")
